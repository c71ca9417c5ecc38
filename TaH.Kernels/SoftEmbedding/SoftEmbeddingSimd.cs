using System.Buffers;
using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: one row a thread, vectors along an embedding.</summary>
internal static unsafe class SoftEmbeddingSimd
{
    public static void Run(
        CpuWorkers workers, WeightMatrix embedding, Floats values, Ints tokens, Floats probabilities, Floats x, SoftEmbeddingShape shape) =>
        workers.For(shape.Rows, grain: 1, new MixJob
        {
            Embedding = HostElements.Of(embedding), Values = Pointers.Of(values), Tokens = Pointers.Of(tokens),
            Probabilities = Pointers.Of(probabilities), X = Pointers.Of(x), Shape = shape,
        });

    public static void Expand(CpuWorkers workers, Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape) =>
        workers.For(shape.Rows, grain: 4, new ExpandJob(Pointers.Of(probabilities), Pointers.Of(tokens), Pointers.Of(dense), shape));

    private struct MixJob : ICpuJob
    {
        public HostElements Embedding;
        public float* Values, Probabilities, X;
        public int* Tokens;
        public SoftEmbeddingShape Shape;

        public readonly void Run(int start, int end)
        {
            var memory = ArrayPool<float>.Shared.Rent(Shape.Hidden);
            var widened = memory.AsSpan(0, Shape.Hidden);
            for (var row = start; row < end; row++)
            {
                var top = (long)row * Shape.K;
                var values = new ReadOnlySpan<float>(Values + top, Shape.K);
                var weights = new Span<float>(Probabilities + top, Shape.K);
                TensorPrimitives.Subtract(values, values[0], weights); // the first is the largest
                TensorPrimitives.Exp(weights, weights);
                TensorPrimitives.Multiply(weights, 1f / TensorPrimitives.Sum<float>(weights), weights);
                var target = new Span<float>(X + ((long)row * Shape.Hidden), Shape.Hidden);
                target.Clear();
                for (var j = 0; j < Shape.K; j++)
                {
                    Embedding.Widen((long)Tokens[top + j] * Shape.Hidden, widened);
                    TensorPrimitives.MultiplyAdd(widened, weights[j], target, target);
                }
            }
            ArrayPool<float>.Shared.Return(memory);
        }
    }

    private readonly struct ExpandJob(float* probabilities, int* tokens, float* dense, SoftEmbeddingShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
            {
                var target = new Span<float>(dense + ((long)row * shape.Vocab), shape.Vocab);
                target.Clear();
                for (var at = (long)row * shape.K; at < (row + 1L) * shape.K; at++) target[tokens[at]] = probabilities[at];
            }
        }
    }
}
