using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>The CPU: vectors of whatever width the processor has; the last few elements go through a padded vector.</summary>
internal static unsafe class GeluSimd
{
    private const int Piece = 1024;

    public static void Run(CpuWorkers workers, Floats x, Floats y, long length) =>
        workers.For(checked((int)((length + Piece - 1) / Piece)), grain: 2, new Job(Pointers.Of(x), Pointers.Of(y), length));

    private readonly struct Job(float* x, float* y, long length) : ICpuJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(int start, int end)
        {
            var i = (long)start * Piece;
            var last = Math.Min((long)end * Piece, length);
            for (; i <= last - Vector<float>.Count; i += Vector<float>.Count) Vector.Store(Of(Vector.Load(x + i)), y + i);
            if (i == last) return;
            var rest = stackalloc float[Vector<float>.Count];
            new Span<float>(rest, Vector<float>.Count).Clear();
            for (var j = i; j < last; j++) rest[j - i] = x[j];
            Vector.Store(Of(Vector.Load(rest)), rest);
            for (var j = i; j < last; j++) y[j] = rest[j - i];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector<float> Of(Vector<float> x)
        {
            var centre = Vector.Create(NormalTail.Centre);
            var near = Vector.Min(Vector.Max(x, Vector.Create(-NormalTail.Far)), Vector.Create(NormalTail.Far));
            var z = Vector.Abs(near) * NormalTail.RootHalf;
            var d = Vector<float>.One / (z + centre);
            var s = (z - centre) * d;
            var p = Vector.Create(NormalTail.C10);
            p = (p * s) + Vector.Create(NormalTail.C9);
            p = (p * s) + Vector.Create(NormalTail.C8);
            p = (p * s) + Vector.Create(NormalTail.C7);
            p = (p * s) + Vector.Create(NormalTail.C6);
            p = (p * s) + Vector.Create(NormalTail.C5);
            p = (p * s) + Vector.Create(NormalTail.C4);
            p = (p * s) + Vector.Create(NormalTail.C3);
            p = (p * s) + Vector.Create(NormalTail.C2);
            p = (p * s) + Vector.Create(NormalTail.C1);
            p = (p * s) + Vector.Create(NormalTail.C0);
            var tail = near * 0.5f * p * d * Vector.Exp(-0.5f * near * near);
            return Vector.ConditionalSelect(Vector.LessThan(x, Vector<float>.Zero), tail, x - tail);
        }
    }
}
