using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: chunks of rows spread over threads, vectors along a row; each chunk adds up its share of the gradients of weight and bias.</summary>
internal static unsafe class LayerNormBackwardSimd
{
    public static void Run(
        CpuWorkers workers, Floats x, Floats weight, Floats dy, Floats dx, Floats weightPartials, Floats biasPartials, LayerNormShape shape)
    {
        var chunks = new RowChunks(shape.Rows);
        workers.For(chunks.Count, grain: 1, new Job
        {
            X = Pointers.Of(x), Weight = Pointers.Of(weight), Upstream = Pointers.Of(dy), Gradient = Pointers.Of(dx),
            WeightPartials = Pointers.Of(weightPartials), BiasPartials = Pointers.Of(biasPartials), Shape = shape, Chunks = chunks,
        });
    }

    private struct Job : ICpuJob
    {
        public float* X, Weight, Upstream, Gradient, WeightPartials, BiasPartials;
        public LayerNormShape Shape;
        public RowChunks Chunks;

        public readonly void Run(int start, int end)
        {
            var scratch = stackalloc float[Shape.Width];
            for (var chunk = start; chunk < end; chunk++)
            {
                var ofWeight = new Span<float>(WeightPartials + ((long)chunk * Shape.Width), Shape.Width);
                var ofBias = new Span<float>(BiasPartials + ((long)chunk * Shape.Width), Shape.Width);
                ofWeight.Clear();
                ofBias.Clear();
                for (var row = Chunks.Start(chunk); row < Chunks.End(chunk); row++)
                    Backward(row, ofWeight, ofBias, new Span<float>(scratch, Shape.Width));
            }
        }

        private readonly void Backward(int row, Span<float> ofWeight, Span<float> ofBias, Span<float> normed)
        {
            var source = new ReadOnlySpan<float>(X + ((long)row * Shape.Width), Shape.Width);
            var upstream = new ReadOnlySpan<float>(Upstream + ((long)row * Shape.Width), Shape.Width);
            var target = new Span<float>(Gradient + ((long)row * Shape.Width), Shape.Width);
            TensorPrimitives.Subtract(source, TensorPrimitives.Sum(source) / Shape.Width, normed);
            var scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares<float>(normed) / Shape.Width) + Shape.Epsilon);
            TensorPrimitives.Multiply(normed, scale, normed);
            TensorPrimitives.MultiplyAdd(upstream, normed, ofWeight, ofWeight);
            TensorPrimitives.Add(ofBias, upstream, ofBias);
            TensorPrimitives.Multiply(upstream, new ReadOnlySpan<float>(Weight, Shape.Width), target); // from here on upstream may be gone
            var shift = TensorPrimitives.Sum<float>(target) / Shape.Width;
            var share = TensorPrimitives.Dot<float>(target, normed) / Shape.Width;
            TensorPrimitives.Subtract(target, shift, target);
            TensorPrimitives.MultiplyAdd(normed, -share, target, target);
            TensorPrimitives.Multiply(target, scale, target);
        }
    }
}
