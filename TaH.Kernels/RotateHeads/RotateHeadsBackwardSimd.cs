using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: chunks of rows spread over threads, vectors along half a head; each chunk adds up its share of the weight's gradient.</summary>
internal static unsafe class RotateHeadsBackwardSimd
{
    public static void Run(
        CpuWorkers workers, Floats x, Floats weight, Ints positions, Floats rope, Floats dy, Floats dx, Floats partials, RotateHeadsShape shape)
    {
        var chunks = new RowChunks(shape.Rows);
        workers.For(chunks.Count, grain: 1, new Job
        {
            X = Pointers.Of(x), Weight = Pointers.Of(weight), Positions = Pointers.Of(positions), Rope = Pointers.Of(rope),
            Upstream = Pointers.Of(dy), Gradient = Pointers.Of(dx), Partials = Pointers.Of(partials), Shape = shape, Chunks = chunks,
        });
    }

    private struct Job : ICpuJob
    {
        public float* X, Weight, Rope, Upstream, Gradient, Partials;
        public int* Positions;
        public RotateHeadsShape Shape;
        public RowChunks Chunks;

        public readonly void Run(int start, int end)
        {
            var scratch = stackalloc float[2 * Shape.HeadDim];
            for (var chunk = start; chunk < end; chunk++)
            {
                var partial = new Span<float>(Partials + ((long)chunk * Shape.HeadDim), Shape.HeadDim);
                partial.Clear();
                for (var row = Chunks.Start(chunk); row < Chunks.End(chunk); row++)
                for (var head = 0; head < Shape.Heads; head++)
                    Backward(row, head, partial, scratch);
            }
        }

        private readonly void Backward(int row, int head, Span<float> partial, float* scratch)
        {
            var start = (((long)row * Shape.Heads) + head) * Shape.HeadDim;
            var source = new ReadOnlySpan<float>(X + start, Shape.HeadDim);
            var target = new Span<float>(Gradient + start, Shape.HeadDim);
            Span<float> turned = new(scratch, Shape.HeadDim), normed = new(scratch + Shape.HeadDim, Shape.HeadDim);
            TurnBack(row, new ReadOnlySpan<float>(Upstream + start, Shape.HeadDim), turned, normed);
            var scale = 1f / MathF.Sqrt((TensorPrimitives.SumOfSquares(source) / Shape.HeadDim) + Shape.Epsilon);
            TensorPrimitives.Multiply(source, scale, normed);
            TensorPrimitives.MultiplyAdd(turned, normed, partial, partial);
            TensorPrimitives.Multiply(turned, new ReadOnlySpan<float>(Weight, Shape.HeadDim), turned);
            var share = TensorPrimitives.Dot<float>(turned, normed) / Shape.HeadDim;
            TensorPrimitives.MultiplyAdd(normed, -share, turned, turned);
            TensorPrimitives.Multiply(turned, scale, target);
        }

        /// <summary>The gradient before the rotation.</summary>
        private readonly void TurnBack(int row, ReadOnlySpan<float> upstream, Span<float> turned, Span<float> room)
        {
            var half = Shape.HeadDim / 2;
            var angles = new ReadOnlySpan<float>(Rope + ((long)Positions[row] * Shape.HeadDim), Shape.HeadDim);
            ReadOnlySpan<float> low = upstream[..half], high = upstream[half..], cos = angles[..half], sin = angles[half..];
            TensorPrimitives.Multiply(low, cos, turned[..half]);
            TensorPrimitives.MultiplyAdd(high, sin, turned[..half], turned[..half]);
            TensorPrimitives.Multiply(high, cos, turned[half..]);
            TensorPrimitives.Multiply(low, sin, room[..half]);
            TensorPrimitives.Subtract(turned[half..], room[..half], turned[half..]);
        }
    }
}
