using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: heads spread over threads, vectors along half a head.</summary>
internal static unsafe class RotateHeadsSimd
{
    public static void Run(CpuWorkers workers, Floats x, Floats weight, Ints positions, Floats rope, Floats y, RotateHeadsShape shape) =>
        workers.For(
            checked(shape.Rows * shape.Heads), grain: 32,
            new Job(Pointers.Of(x), Pointers.Of(weight), Pointers.Of(positions), Pointers.Of(rope), Pointers.Of(y), shape));

    private readonly struct Job(float* x, float* weight, int* positions, float* rope, float* y, RotateHeadsShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var scratch = stackalloc float[shape.HeadDim];
            var normed = new Span<float>(scratch, shape.HeadDim);
            var half = shape.HeadDim / 2;
            for (var head = start; head < end; head++)
            {
                var source = new ReadOnlySpan<float>(x + ((long)head * shape.HeadDim), shape.HeadDim);
                var target = new Span<float>(y + ((long)head * shape.HeadDim), shape.HeadDim);
                var angles = new ReadOnlySpan<float>(rope + ((long)positions[head / shape.Heads] * shape.HeadDim), shape.HeadDim);
                var scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares(source) / shape.HeadDim) + shape.Epsilon);
                TensorPrimitives.Multiply(source, scale, normed);
                TensorPrimitives.Multiply(normed, new ReadOnlySpan<float>(weight, shape.HeadDim), normed);
                ReadOnlySpan<float> low = normed[..half], high = normed[half..], cos = angles[..half], sin = angles[half..];
                TensorPrimitives.Multiply(low, cos, target[..half]);
                TensorPrimitives.Multiply(low, sin, target[half..]);
                TensorPrimitives.MultiplyAdd(high, cos, target[half..], target[half..]);
                TensorPrimitives.Multiply(high, sin, normed[half..]);
                TensorPrimitives.Subtract(target[..half], high, target[..half]);
            }
        }
    }
}
