using System.Numerics;

namespace TaH.Kernels;

/// <summary>The CPU: pieces spread over threads, vectors along a piece.</summary>
internal static unsafe class AdamWSimd
{
    private const int Piece = 4096;

    public static void Run(
        CpuWorkers workers, Floats weights, Floats gradients, Floats firstMoments, Floats secondMoments, Halves bf16Copy, Floats gradientScale,
        AdamWFactors factors) =>
        workers.For(checked((int)((weights.Length + Piece - 1) / Piece)), grain: 1, new Job
        {
            Weights = Pointers.Of(weights), Gradients = Pointers.Of(gradients), First = Pointers.Of(firstMoments),
            Second = Pointers.Of(secondMoments), Copy = Pointers.Of(bf16Copy), Scale = *Pointers.Of(gradientScale), Factors = factors,
            Length = weights.Length,
        });

    private struct Job : ICpuJob
    {
        public float* Weights, Gradients, First, Second;
        public ushort* Copy;
        public float Scale;
        public AdamWFactors Factors;
        public long Length;

        public readonly void Run(int start, int end)
        {
            var last = Math.Min((long)end * Piece, Length);
            var first = (long)start * Piece;
            var i = first;
            for (; i <= last - Vector<float>.Count; i += Vector<float>.Count) Step(Weights + i, Gradients + i, First + i, Second + i);
            for (; i < last; i++) StepOne(i);
            if (Copy is null) return;
            var copies = new HostElements(ElementType.Bf16, Copy);
            for (i = first; i < last; i += Piece)
                copies.Narrow(new ReadOnlySpan<float>(Weights + i, (int)Math.Min(Piece, last - i)), i);
        }

        private readonly void Step(float* weights, float* gradients, float* firstMoments, float* secondMoments)
        {
            var gradient = Vector.Load(gradients) * Scale;
            var first = Vector.Load(firstMoments);
            first += (gradient - first) * Factors.Rest1;
            var second = (Vector.Load(secondMoments) * Factors.Beta2) + (gradient * gradient * Factors.Rest2);
            var divisor = (Vector.SquareRoot(second) / Vector.Create(Factors.RootCorrection)) + Vector.Create(Factors.Epsilon);
            ((Vector.Load(weights) * Factors.Decay) - (first / divisor * Factors.Rate)).Store(weights);
            first.Store(firstMoments);
            second.Store(secondMoments);
        }

        private readonly void StepOne(long i)
        {
            var gradient = Gradients[i] * Scale;
            First[i] += (gradient - First[i]) * Factors.Rest1;
            Second[i] = (Second[i] * Factors.Beta2) + (gradient * gradient * Factors.Rest2);
            var divisor = (MathF.Sqrt(Second[i]) / Factors.RootCorrection) + Factors.Epsilon;
            Weights[i] = (Weights[i] * Factors.Decay) - (First[i] / divisor * Factors.Rate);
        }
    }
}
