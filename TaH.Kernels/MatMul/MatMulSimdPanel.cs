using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// Many rows: the weights of two vectors of outputs are widened once and transposed into a panel that stays in the second-level cache. An output then has
/// a lane of its own, so that no sum is ever taken across lanes; six rows of x meet a line of the panel at a time: twelve sums in registers, and enough
/// of them under way that the multipliers never wait.
/// </summary>
internal static unsafe class MatMulSimdPanel
{
    private const int Rows = 6; // rows of x at a time: 12 sums, 2 of weights and 1 of x fit the 16 registers of AVX2 and SSE
    private const int Depth = 1024; // elements of a sum that a panel holds: 128 KB for vectors of 512 bits
    private const int Alignment = 16; // floats: no vector straddles two cache lines

    public static void Run<TLanes, TStored, TFormat>(CpuWorkers workers, TStored* weight, MatMulPointers product)
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        var outputs = 2 * TLanes.Count;
        workers.For((product.Task.Outer + outputs - 1) / outputs, grain: 1, new Job<TLanes, TStored, TFormat>(weight, product));
    }

    private readonly struct Job<TLanes, TStored, TFormat>(TStored* weight, MatMulPointers product) : ICpuJob
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        private static int Outputs => 2 * TLanes.Count;

        [SkipLocalsInit]
        public void Run(int start, int end)
        {
            var memory = stackalloc float[(Outputs * (Depth + Rows)) + Alignment];
            var panel = (float*)(((nint)memory + (Alignment * sizeof(float)) - 1) & -(Alignment * sizeof(float)));
            var sums = panel + (Outputs * Depth);
            var task = product.Task;
            for (var output = start * Outputs; output < Math.Min(end * Outputs, task.Outer); output += Outputs)
            {
                // At least one slice, so that a product over nothing still writes zeros.
                for (var inner = 0; inner == 0 || inner < task.Inner; inner += Depth)
                {
                    var depth = Math.Min(Depth, task.Inner - inner);
                    Transpose(output, inner, depth, panel);
                    for (var row = 0; row < task.Rows; row += Rows)
                    {
                        Multiply(panel, depth, row, inner, sums);
                        Store(sums, row, output, first: inner == 0);
                    }
                }
            }
        }

        /// <summary>panel[i, j] = weight[output + j, inner + i]; past the last output its last row again, whose sums nobody stores.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Transpose(int output, int inner, int depth, float* panel)
        {
            for (var j = 0; j < Outputs; j += 4)
            {
                TStored* a = Weight(output + j, inner), b = Weight(output + j + 1, inner), c = Weight(output + j + 2, inner), d = Weight(output + j + 3, inner);
                var target = panel + j;
                var i = 0;
                for (; i <= depth - Lanes128.Count; i += Lanes128.Count)
                {
                    var columns = Lanes128.Transpose(
                        TFormat.Load<Lanes128>(a + i), TFormat.Load<Lanes128>(b + i), TFormat.Load<Lanes128>(c + i), TFormat.Load<Lanes128>(d + i));
                    Lanes128.Store(columns.C0, target);
                    Lanes128.Store(columns.C1, target + Outputs);
                    Lanes128.Store(columns.C2, target + (2 * Outputs));
                    Lanes128.Store(columns.C3, target + (3 * Outputs));
                    target += 4 * Outputs;
                }
                for (; i < depth; i++, target += Outputs)
                    (target[0], target[1], target[2], target[3]) = (TFormat.Widen(a[i]), TFormat.Widen(b[i]), TFormat.Widen(c[i]), TFormat.Widen(d[i]));
            }
        }

        private TStored* Weight(int output, int inner) => weight + ((long)Math.Min(output, product.Task.Outer - 1) * product.Task.Inner) + inner;

        /// <summary>sums[r, j] = sum over i of x[row + r, inner + i] * panel[i, j].</summary>
        /// <remarks>It calls nothing: where a method calls another, vectors that outlive the call are kept in memory all along.</remarks>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Multiply(float* panel, int depth, int row, int inner, float* sums)
        {
            float* x0 = X(row, inner), x1 = X(row + 1, inner), x2 = X(row + 2, inner), x3 = X(row + 3, inner), x4 = X(row + 4, inner), x5 = X(row + 5, inner);
            TLanes a0 = TLanes.Zero, a1 = TLanes.Zero, b0 = TLanes.Zero, b1 = TLanes.Zero, c0 = TLanes.Zero, c1 = TLanes.Zero;
            TLanes d0 = TLanes.Zero, d1 = TLanes.Zero, e0 = TLanes.Zero, e1 = TLanes.Zero, f0 = TLanes.Zero, f1 = TLanes.Zero;
            for (var i = 0; i < depth; i++, panel += Outputs)
            {
                TLanes w0 = TLanes.Load(panel), w1 = TLanes.Load(panel + TLanes.Count);
                var x = TLanes.Create(x0[i]);
                a0 = TLanes.MultiplyAdd(x, w0, a0);
                a1 = TLanes.MultiplyAdd(x, w1, a1);
                x = TLanes.Create(x1[i]);
                b0 = TLanes.MultiplyAdd(x, w0, b0);
                b1 = TLanes.MultiplyAdd(x, w1, b1);
                x = TLanes.Create(x2[i]);
                c0 = TLanes.MultiplyAdd(x, w0, c0);
                c1 = TLanes.MultiplyAdd(x, w1, c1);
                x = TLanes.Create(x3[i]);
                d0 = TLanes.MultiplyAdd(x, w0, d0);
                d1 = TLanes.MultiplyAdd(x, w1, d1);
                x = TLanes.Create(x4[i]);
                e0 = TLanes.MultiplyAdd(x, w0, e0);
                e1 = TLanes.MultiplyAdd(x, w1, e1);
                x = TLanes.Create(x5[i]);
                f0 = TLanes.MultiplyAdd(x, w0, f0);
                f1 = TLanes.MultiplyAdd(x, w1, f1);
            }
            Keep(a0, a1, sums);
            Keep(b0, b1, sums + Outputs);
            Keep(c0, c1, sums + (2 * Outputs));
            Keep(d0, d1, sums + (3 * Outputs));
            Keep(e0, e1, sums + (4 * Outputs));
            Keep(f0, f1, sums + (5 * Outputs));
        }

        /// <summary>A row of x; past the last one the last again, whose sums nobody stores.</summary>
        private float* X(int row, int inner) => product.X + ((long)Math.Min(row, product.Task.Rows - 1) * product.Task.Inner) + inner;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Keep(TLanes low, TLanes high, float* sums)
        {
            TLanes.Store(low, sums);
            TLanes.Store(high, sums + TLanes.Count);
        }

        /// <summary>The first slice of a sum goes through bias and accumulation; later ones are added to it.</summary>
        private void Store(float* sums, int firstRow, int output, bool first)
        {
            var task = product.Task;
            for (var row = firstRow; row < Math.Min(firstRow + Rows, task.Rows); row++, sums += Outputs)
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
