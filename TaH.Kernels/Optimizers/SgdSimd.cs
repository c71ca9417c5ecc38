using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: pieces that stay in the first-level cache, spread over threads.</summary>
internal static unsafe class SgdSimd
{
    private const int Piece = 1024;

    public static void Run(CpuWorkers workers, Floats weights, Floats gradients, Floats moments, Floats gradientScale, SgdStep step) =>
        workers.For(
            checked((int)((weights.Length + Piece - 1) / Piece)), grain: 4,
            new Job(
                Pointers.Of(weights), Pointers.Of(gradients), Pointers.Of(moments), *Pointers.Of(gradientScale), step, weights.Length));

    private readonly struct Job(float* weights, float* gradients, float* moments, float scale, SgdStep step, long length) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var scratch = stackalloc float[Piece];
            for (var piece = start; piece < end; piece++)
            {
                var first = (long)piece * Piece;
                var count = (int)Math.Min(Piece, length - first);
                Span<float> weight = new(weights + first, count), gradient = new(scratch, count);
                TensorPrimitives.Multiply(new ReadOnlySpan<float>(gradients + first, count), scale, gradient);
                if (step.WeightDecay != 0f) TensorPrimitives.MultiplyAdd(weight, step.WeightDecay, gradient, gradient);
                if (step.Momentum != 0f)
                {
                    var moment = new Span<float>(moments + first, count);
                    TensorPrimitives.MultiplyAdd(moment, step.Momentum, gradient, gradient);
                    gradient.CopyTo(moment);
                }
                TensorPrimitives.MultiplyAdd(gradient, -step.LearningRate, weight, weight);
            }
        }
    }
}
