using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads, vectors along a row.</summary>
internal static unsafe class RmsNormSimd
{
    public static void Run(CpuWorkers workers, Floats x, Floats weight, Floats y, RmsNormShape shape) =>
        workers.For(shape.Rows, grain: 4, new Job(Pointers.Of(x), Pointers.Of(weight), Pointers.Of(y), shape));

    private readonly struct Job(float* x, float* weight, float* y, RmsNormShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var weights = new ReadOnlySpan<float>(weight, shape.Hidden);
            for (var row = start; row < end; row++)
            {
                var source = new ReadOnlySpan<float>(x + ((long)row * shape.Hidden), shape.Hidden);
                var target = new Span<float>(y + ((long)row * shape.Hidden), shape.Hidden);
                var scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares(source) / shape.Hidden) + shape.Epsilon);
                TensorPrimitives.Multiply(source, scale, target);
                TensorPrimitives.Multiply(target, weights, target);
            }
        }
    }
}
