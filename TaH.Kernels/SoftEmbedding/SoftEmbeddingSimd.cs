using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads, vectors along embeddings.</summary>
internal static unsafe class SoftEmbeddingSimd
{
    public static void Mix(CpuWorkers workers, Floats probabilities, Ints tokens, Floats embedding, Floats x, SoftEmbeddingShape shape) =>
        workers.For(
            shape.Rows, grain: 1,
            new MixJob(Pointers.Of(probabilities), Pointers.Of(tokens), Pointers.Of(embedding), Pointers.Of(x), shape));

    public static void Backward(
        CpuWorkers workers, Floats probabilities, Ints tokens, Floats embedding, Floats dx, Floats along, Floats dLogits, SoftEmbeddingShape shape) =>
        workers.For(
            shape.Rows, grain: 1,
            new BackwardJob(
                Pointers.Of(probabilities), Pointers.Of(tokens), Pointers.Of(embedding), Pointers.Of(dx), Pointers.Of(along), Pointers.Of(dLogits),
                shape));

    public static void Place(CpuWorkers workers, Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape) =>
        workers.For(shape.Rows, grain: 1, new PlaceJob(Pointers.Of(probabilities), Pointers.Of(tokens), Pointers.Of(dense), shape));

    private readonly struct MixJob(float* probabilities, int* tokens, float* embedding, float* x, SoftEmbeddingShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
            {
                var target = new Span<float>(x + ((long)row * shape.Hidden), shape.Hidden);
                target.Clear();
                for (var at = (long)row * shape.TopK; at < ((long)row + 1) * shape.TopK; at++)
                {
                    var source = new ReadOnlySpan<float>(embedding + ((long)tokens[at] * shape.Hidden), shape.Hidden);
                    TensorPrimitives.MultiplyAdd(source, probabilities[at], target, target);
                }
            }
        }
    }

    private readonly struct BackwardJob(
        float* probabilities, int* tokens, float* embedding, float* dx, float* along, float* dLogits, SoftEmbeddingShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
            {
                var first = (long)row * shape.TopK;
                var gradient = new ReadOnlySpan<float>(dx + ((long)row * shape.Hidden), shape.Hidden);
                for (var at = first; at < first + shape.TopK; at++)
                    along[at] = TensorPrimitives.Dot(gradient, new ReadOnlySpan<float>(embedding + ((long)tokens[at] * shape.Hidden), shape.Hidden));
                var mean = TensorPrimitives.Dot(
                    new ReadOnlySpan<float>(probabilities + first, shape.TopK), new ReadOnlySpan<float>(along + first, shape.TopK));
                for (var at = first; at < first + shape.TopK; at++)
                    dLogits[((long)row * shape.Vocab) + tokens[at]] += probabilities[at] * (along[at] - mean);
            }
        }
    }

    private readonly struct PlaceJob(float* probabilities, int* tokens, float* dense, SoftEmbeddingShape shape) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var at = (long)start * shape.TopK; at < (long)end * shape.TopK; at++)
                dense[(at / shape.TopK * shape.Vocab) + tokens[at]] = probabilities[at];
        }
    }
}
