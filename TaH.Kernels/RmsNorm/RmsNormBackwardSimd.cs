using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: chunks of rows spread over threads, vectors along a row; each chunk adds up its share of the weight's gradient.</summary>
internal static unsafe class RmsNormBackwardSimd
{
    public static void Run(CpuWorkers workers, Floats x, Floats weight, Floats dy, Floats dx, Floats partials, RmsNormShape shape, bool add)
    {
        var chunks = new RowChunks(shape.Rows);
        workers.For(chunks.Count, grain: 1, new Job
        {
            X = Pointers.Of(x), Weight = Pointers.Of(weight), Upstream = Pointers.Of(dy), Gradient = Pointers.Of(dx),
            Partials = Pointers.Of(partials), Shape = shape, Chunks = chunks, Add = add,
        });
    }

    private struct Job : ICpuJob
    {
        public float* X, Weight, Upstream, Gradient, Partials;
        public RmsNormShape Shape;
        public RowChunks Chunks;
        public bool Add;

        public readonly void Run(int start, int end)
        {
            var scratch = stackalloc float[2 * Shape.Hidden];
            for (var chunk = start; chunk < end; chunk++)
            {
                var partial = new Span<float>(Partials + ((long)chunk * Shape.Hidden), Shape.Hidden);
                partial.Clear();
                for (var row = Chunks.Start(chunk); row < Chunks.End(chunk); row++) Backward(row, partial, scratch);
            }
        }

        private readonly void Backward(int row, Span<float> partial, float* scratch)
        {
            var source = new ReadOnlySpan<float>(X + ((long)row * Shape.Hidden), Shape.Hidden);
            var upstream = new ReadOnlySpan<float>(Upstream + ((long)row * Shape.Hidden), Shape.Hidden);
            var target = new Span<float>(Gradient + ((long)row * Shape.Hidden), Shape.Hidden);
            Span<float> normed = new(scratch, Shape.Hidden), weighted = new(scratch + Shape.Hidden, Shape.Hidden);
            var scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares(source) / Shape.Hidden) + Shape.Epsilon);
            TensorPrimitives.Multiply(source, scale, normed);
            TensorPrimitives.MultiplyAdd(upstream, normed, partial, partial);
            TensorPrimitives.Multiply(upstream, new ReadOnlySpan<float>(Weight, Shape.Hidden), weighted);
            var share = TensorPrimitives.Dot<float>(weighted, normed) / Shape.Hidden;
            TensorPrimitives.MultiplyAdd(normed, -share, weighted, weighted);
            if (Add) TensorPrimitives.MultiplyAdd(weighted, scale, target, target);
            else TensorPrimitives.Multiply(weighted, scale, target);
        }
    }
}
