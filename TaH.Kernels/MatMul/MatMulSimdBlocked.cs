using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Many rows: four weight rows at a time are widened once into a panel that stays in the first-level cache, and meet three rows of x at a time:
/// twelve sums in registers for seven loads. Rows of x are taken in blocks that stay in the second-level cache.
/// </summary>
internal static unsafe class MatMulSimdBlocked
{
    private const int Outputs = 4; // weight rows of a panel
    private const int Rows = 3; // rows of x that meet the panel at a time: 12 sums, 3 of x and 1 weight fill 16 registers
    private const int Depth = 1024; // elements of a sum that a panel holds: 4 x 1024 floats are half a first-level cache
    private const int BlockBytes = 384 * 1024; // of x, in the second-level cache

    public static void Run<TLanes, TStored, TFormat>(CpuWorkers workers, TStored* weight, MatMulPointers product)
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        var panels = (product.Task.Outer + Outputs - 1) / Outputs;
        workers.For(panels, grain: 1, new Job<TLanes, TStored, TFormat>(weight, product));
    }

    private readonly struct Job<TLanes, TStored, TFormat>(TStored* weight, MatMulPointers product) : ICpuJob
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        [SkipLocalsInit]
        public void Run(int start, int end)
        {
            var panel = stackalloc float[Outputs * Depth];
            var task = product.Task;
            var block = Math.Max(Rows, BlockBytes / sizeof(float) / Math.Max(1, task.Inner) / Rows * Rows);
            for (var firstRow = 0; firstRow < task.Rows; firstRow += block)
            {
                var endRow = Math.Min(firstRow + block, task.Rows);
                for (var output = start * Outputs; output < Math.Min(end * Outputs, task.Outer); output += Outputs)
                {
                    // At least one slice, so that a product over nothing still writes zeros.
                    for (var inner = 0; inner == 0 || inner < task.Inner; inner += Depth)
                    {
                        var depth = Math.Min(Depth, task.Inner - inner);
                        Widen(output, inner, depth, panel);
                        for (var row = firstRow; row < endRow; row += Rows) Multiply(panel, depth, row, output, inner);
                    }
                }
            }
        }

        /// <summary>panel[j, i] = weight[output + j, inner + i]; past the last output its last row again, whose sums nobody stores.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Widen(int output, int inner, int depth, float* panel)
        {
            for (var j = 0; j < Outputs; j++)
            {
                var source = weight + ((long)Math.Min(output + j, product.Task.Outer - 1) * product.Task.Inner) + inner;
                var target = panel + (j * Depth);
                var i = 0;
                for (; i <= depth - TLanes.Count; i += TLanes.Count) TLanes.Store(TFormat.Load<TLanes>(source + i), target + i);
                for (; i < depth; i++) target[i] = TFormat.Widen(source[i]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Multiply(float* panel, int depth, int row, int output, int inner)
        {
            var last = product.Task.Rows - 1;
            float* x0 = X(row, inner), x1 = X(Math.Min(row + 1, last), inner), x2 = X(Math.Min(row + 2, last), inner);
            float* w1 = panel + Depth, w2 = panel + (2 * Depth), w3 = panel + (3 * Depth);
            TLanes a0 = TLanes.Zero, a1 = TLanes.Zero, a2 = TLanes.Zero, a3 = TLanes.Zero;
            TLanes b0 = TLanes.Zero, b1 = TLanes.Zero, b2 = TLanes.Zero, b3 = TLanes.Zero;
            TLanes c0 = TLanes.Zero, c1 = TLanes.Zero, c2 = TLanes.Zero, c3 = TLanes.Zero;
            var i = 0;
            for (; i <= depth - TLanes.Count; i += TLanes.Count)
            {
                TLanes xa = TLanes.Load(x0 + i), xb = TLanes.Load(x1 + i), xc = TLanes.Load(x2 + i);
                var w = TLanes.Load(panel + i);
                a0 = TLanes.MultiplyAdd(w, xa, a0);
                b0 = TLanes.MultiplyAdd(w, xb, b0);
                c0 = TLanes.MultiplyAdd(w, xc, c0);
                w = TLanes.Load(w1 + i);
                a1 = TLanes.MultiplyAdd(w, xa, a1);
                b1 = TLanes.MultiplyAdd(w, xb, b1);
                c1 = TLanes.MultiplyAdd(w, xc, c1);
                w = TLanes.Load(w2 + i);
                a2 = TLanes.MultiplyAdd(w, xa, a2);
                b2 = TLanes.MultiplyAdd(w, xb, b2);
                c2 = TLanes.MultiplyAdd(w, xc, c2);
                w = TLanes.Load(w3 + i);
                a3 = TLanes.MultiplyAdd(w, xa, a3);
                b3 = TLanes.MultiplyAdd(w, xb, b3);
                c3 = TLanes.MultiplyAdd(w, xc, c3);
            }
            Vector128<float> a = TLanes.Sums(a0, a1, a2, a3), b = TLanes.Sums(b0, b1, b2, b3), c = TLanes.Sums(c0, c1, c2, c3);
            for (; i < depth; i++)
            {
                var ws = Vector128.Create(panel[i], w1[i], w2[i], w3[i]);
                a += ws * x0[i];
                b += ws * x1[i];
                c += ws * x2[i];
            }
            Store(row, output, inner, a);
            if (row + 1 <= last) Store(row + 1, output, inner, b);
            if (row + 2 <= last) Store(row + 2, output, inner, c);
        }

        private float* X(int row, int inner) => product.X + ((long)row * product.Task.Inner) + inner;

        /// <summary>The first slice of a sum goes through bias and accumulation; later ones are added to it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Store(int row, int output, int inner, Vector128<float> sums)
        {
            if (output + Outputs <= product.Task.Outer) product.Store(row, output, sums, first: inner == 0);
            else StoreSome(row, output, inner, sums);
        }

        private void StoreSome(int row, int output, int inner, Vector128<float> sums)
        {
            for (var j = 0; output + j < product.Task.Outer; j++) product.Store(row, output + j, sums[j], first: inner == 0);
        }
    }
}
