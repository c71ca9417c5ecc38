using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads, vectors along a row.</summary>
internal static unsafe class LayerNormSimd
{
    public static void Run(CpuWorkers workers, Floats x, Floats weight, Floats bias, Floats y, LayerNormShape shape) =>
        workers.For(shape.Rows, grain: 4, new Job(Pointers.Of(x), Pointers.Of(weight), Pointers.Of(bias), Pointers.Of(y), shape));

    private readonly struct Job(float* x, float* weight, float* bias, float* y, LayerNormShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var weights = new ReadOnlySpan<float>(weight, shape.Width);
            var biases = new ReadOnlySpan<float>(bias, shape.Width);
            for (var row = start; row < end; row++)
            {
                var source = new ReadOnlySpan<float>(x + ((long)row * shape.Width), shape.Width);
                var target = new Span<float>(y + ((long)row * shape.Width), shape.Width);
                TensorPrimitives.Subtract(source, TensorPrimitives.Sum(source) / shape.Width, target);
                var scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(target) / shape.Width) + shape.Epsilon);
                TensorPrimitives.Multiply(target, scale, target);
                TensorPrimitives.MultiplyAdd(target, weights, biases, target);
            }
        }
    }
}
