using System.Buffers;
using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: one row a thread, vectors along an embedding.</summary>
internal static unsafe class SoftEmbeddingBackwardSimd
{
    public static void Run(
        CpuWorkers workers, WeightMatrix embedding, Floats dx, Floats probabilities, Ints tokens, Floats dLogits, SoftEmbeddingShape shape) =>
        workers.For(shape.Rows, grain: 1, new Job
        {
            Embedding = HostElements.Of(embedding), Dx = Pointers.Of(dx), Probabilities = Pointers.Of(probabilities),
            Tokens = Pointers.Of(tokens), DLogits = Pointers.Of(dLogits), Shape = shape,
        });

    private struct Job : ICpuJob
    {
        public HostElements Embedding;
        public float* Dx, Probabilities, DLogits;
        public int* Tokens;
        public SoftEmbeddingShape Shape;

        public readonly void Run(int start, int end)
        {
            var memory = ArrayPool<float>.Shared.Rent(Shape.Hidden + Shape.K);
            var (widened, dots) = (memory.AsMemory(0, Shape.Hidden), memory.AsMemory(Shape.Hidden, Shape.K));
            for (var row = start; row < end; row++) RunRow(row, widened.Span, dots.Span);
            ArrayPool<float>.Shared.Return(memory);
        }

        private readonly void RunRow(int row, Span<float> widened, Span<float> dots)
        {
            var top = (long)row * Shape.K;
            var gradient = new ReadOnlySpan<float>(Dx + ((long)row * Shape.Hidden), Shape.Hidden);
            var weights = new ReadOnlySpan<float>(Probabilities + top, Shape.K);
            for (var j = 0; j < Shape.K; j++)
            {
                Embedding.Widen((long)Tokens[top + j] * Shape.Hidden, widened);
                dots[j] = TensorPrimitives.Dot<float>(widened, gradient);
            }
            var mean = TensorPrimitives.Dot(weights, dots);
            for (var j = 0; j < Shape.K; j++) DLogits[((long)row * Shape.Vocab) + Tokens[top + j]] += weights[j] * (dots[j] - mean);
        }
    }
}
