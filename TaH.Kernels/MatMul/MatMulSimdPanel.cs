using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// Many rows: the weights of two vectors of outputs are widened once and transposed into a panel that stays in the second-level cache, and meet six
/// rows of x at a time.
/// </summary>
internal static unsafe class MatMulSimdPanel
{
    private const int Depth = 1024; // elements of a sum that a panel holds: 128 KB for vectors of 512 bits
    private const int CacheLine = 64;

    public static void Run<TLanes, TStored, TFormat>(CpuWorkers workers, TStored* weight, MatMulPointers product)
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        var panels = (product.Task.Outer + TileProduct<TLanes>.Columns - 1) / TileProduct<TLanes>.Columns;
        workers.For(panels, grain: 1, new Job<TLanes, TStored, TFormat>(weight, product));
    }

    private readonly struct Job<TLanes, TStored, TFormat>(TStored* weight, MatMulPointers product) : ICpuJob
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        private static int Outputs => TileProduct<TLanes>.Columns;

        [SkipLocalsInit]
        public void Run(int start, int end)
        {
            // Aligned, so that no vector straddles two cache lines.
            var memory = stackalloc float[(Outputs * (Depth + TileProduct<TLanes>.Rows)) + (CacheLine / sizeof(float))];
            var panel = (float*)(((nint)memory + CacheLine - 1) & -CacheLine);
            var sums = panel + (Outputs * Depth);
            var task = product.Task;
            for (var output = start * Outputs; output < Math.Min(end * Outputs, task.Outer); output += Outputs)
            {
                // At least one slice, so that a product over nothing still writes zeros.
                for (var inner = 0; inner == 0 || inner < task.Inner; inner += Depth)
                {
                    var depth = Math.Min(Depth, task.Inner - inner);
                    Fill(panel, output, inner, depth);
                    for (var row = 0; row < task.Rows; row += TileProduct<TLanes>.Rows)
                    {
                        var x = product.X + ((long)row * task.Inner) + inner;
                        TileProduct<TLanes>.Run(x, task.Inner, task.Rows - row, panel, Outputs, depth, sums, Outputs, accumulate: false);
                        Store(sums, row, output, first: inner == 0);
                    }
                }
            }
        }

        /// <summary>panel[i, j] = weight[output + j, inner + i]; past the last output its last row again, whose sums nobody stores.</summary>
        private void Fill(float* panel, int output, int inner, int depth)
        {
            for (var j = 0; j < Outputs; j += 4)
            {
                Columns4.Fill<TStored, TFormat>(
                    Weight(output + j, inner), Weight(output + j + 1, inner), Weight(output + j + 2, inner), Weight(output + j + 3, inner), depth,
                    panel + j, Outputs);
            }
        }

        private TStored* Weight(int output, int inner) => weight + ((long)Math.Min(output, product.Task.Outer - 1) * product.Task.Inner) + inner;

        /// <summary>The first slice of a sum goes through bias and accumulation; later ones are added to it.</summary>
        private void Store(float* sums, int firstRow, int output, bool first)
        {
            var task = product.Task;
            for (var row = firstRow; row < Math.Min(firstRow + TileProduct<TLanes>.Rows, task.Rows); row++, sums += Outputs)
            {
                if (output + Outputs <= task.Outer)
                {
                    product.Store(row, output, TLanes.Load(sums), first);
                    product.Store(row, output + TLanes.Count, TLanes.Load(sums + TLanes.Count), first);
                }
                else
                {
                    for (var j = 0; output + j < task.Outer; j++) product.Store(row, output + j, sums[j], first);
                }
            }
        }
    }
}
