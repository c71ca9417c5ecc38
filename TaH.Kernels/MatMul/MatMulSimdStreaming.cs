using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// Few rows: each weight row is read once, in order, and met by every row of x on the way. One weight row at a time, since that is the straight line
/// that the processor's prefetcher follows best; independent sums hide the latency of the additions.
/// </summary>
internal static unsafe class MatMulSimdStreaming
{
    // A chunk is worth a thread's while from about 64 KB of weights on: some microseconds.
    private const long LeastElements = 32 * 1024;

    public static void Run<TLanes, TStored, TFormat>(CpuWorkers workers, TStored* weight, MatMulPointers product)
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        var grain = (int)Math.Clamp(LeastElements / Math.Max(1, product.Task.Inner), 1, product.Task.Outer);
        workers.For(product.Task.Outer, grain, new Job<TLanes, TStored, TFormat>(weight, product));
    }

    private readonly struct Job<TLanes, TStored, TFormat>(TStored* weight, MatMulPointers product) : ICpuJob
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        public void Run(int start, int end)
        {
            var inner = product.Task.Inner;
            for (var output = start; output < end; output++)
            {
                var row = 0;
                var w = weight + ((long)output * inner);
                for (; row + 1 < product.Task.Rows; row += 2) TwoRows(w, row, output);
                if (row < product.Task.Rows) OneRow(w, row, output);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void OneRow(TStored* w, int row, int output)
        {
            var inner = product.Task.Inner;
            var x = product.X + ((long)row * inner);
            TLanes s0 = TLanes.Zero, s1 = TLanes.Zero, s2 = TLanes.Zero, s3 = TLanes.Zero;
            var i = 0;
            for (; i <= inner - (4 * TLanes.Count); i += 4 * TLanes.Count)
            {
                s0 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(w + i), TLanes.Load(x + i), s0);
                s1 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(w + i + TLanes.Count), TLanes.Load(x + i + TLanes.Count), s1);
                s2 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(w + i + (2 * TLanes.Count)), TLanes.Load(x + i + (2 * TLanes.Count)), s2);
                s3 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(w + i + (3 * TLanes.Count)), TLanes.Load(x + i + (3 * TLanes.Count)), s3);
            }
            for (; i <= inner - TLanes.Count; i += TLanes.Count) s0 = TLanes.MultiplyAdd(TFormat.Load<TLanes>(w + i), TLanes.Load(x + i), s0);
            var sums = TLanes.Sums(s0, s1, s2, s3);
            var sum = (sums[0] + sums[1]) + (sums[2] + sums[3]);
            for (; i < inner; i++) sum += TFormat.Widen(w[i]) * x[i];
            product.Store(row, output, sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void TwoRows(TStored* w, int row, int output)
        {
            var inner = product.Task.Inner;
            float* x0 = product.X + ((long)row * inner), x1 = x0 + inner;
            TLanes a0 = TLanes.Zero, a1 = TLanes.Zero, b0 = TLanes.Zero, b1 = TLanes.Zero;
            var i = 0;
            for (; i <= inner - (2 * TLanes.Count); i += 2 * TLanes.Count)
            {
                TLanes w0 = TFormat.Load<TLanes>(w + i), w1 = TFormat.Load<TLanes>(w + i + TLanes.Count);
                a0 = TLanes.MultiplyAdd(w0, TLanes.Load(x0 + i), a0);
                b0 = TLanes.MultiplyAdd(w0, TLanes.Load(x1 + i), b0);
                a1 = TLanes.MultiplyAdd(w1, TLanes.Load(x0 + i + TLanes.Count), a1);
                b1 = TLanes.MultiplyAdd(w1, TLanes.Load(x1 + i + TLanes.Count), b1);
            }
            var sums = TLanes.Sums(a0, a1, b0, b1);
            float a = sums[0] + sums[1], b = sums[2] + sums[3];
            for (; i < inner; i++)
            {
                var value = TFormat.Widen(w[i]);
                a += value * x0[i];
                b += value * x1[i];
            }
            product.Store(row, output, a);
            product.Store(row + 1, output, b);
        }
    }
}
