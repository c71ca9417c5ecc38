using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads, vectors along a row.</summary>
internal static unsafe class CrossEntropySimd
{
    private const int Piece = 1024;

    public static void Run(
        CpuWorkers workers, Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, bool writesGradient,
        CrossEntropyShape shape) =>
        workers.For(shape.Rows, grain: 1, new Job
        {
            Logits = Pointers.Of(logits), Labels = Pointers.Of(labels), Scale = scale, Losses = Pointers.Of(losses),
            Predictions = Pointers.Of(predictions), DLogits = writesGradient ? Pointers.Of(dLogits) : null, Vocab = shape.Vocab,
        });

    private struct Job : ICpuJob
    {
        public float* Logits, Losses, DLogits;
        public int* Labels, Predictions;
        public float Scale;
        public int Vocab;

        public readonly void Run(int start, int end)
        {
            var piece = stackalloc float[Piece];
            for (var row = start; row < end; row++) Row(row, (long)row * Vocab, new Span<float>(piece, Piece));
        }

        private readonly void Row(int row, long at, Span<float> piece)
        {
            var logits = new ReadOnlySpan<float>(Logits + at, Vocab);
            var prediction = TensorPrimitives.IndexOfMax(logits);
            var (top, label) = (logits[prediction], Labels[row]);
            Predictions[row] = prediction;
            var total = 0f;
            for (var from = 0; from < Vocab; from += Piece)
            {
                var exponentials = piece[..Math.Min(Piece, Vocab - from)];
                TensorPrimitives.Subtract(logits.Slice(from, exponentials.Length), top, exponentials);
                TensorPrimitives.Exp(exponentials, exponentials);
                total += TensorPrimitives.Sum<float>(exponentials);
            }
            Losses[row] = label < 0 ? 0 : MathF.Log(total) + top - logits[label];
            if (DLogits is null) return;
            var gradient = new Span<float>(DLogits + at, Vocab);
            if (label < 0)
            {
                gradient.Clear();
                return;
            }
            TensorPrimitives.Subtract(logits, top, gradient);
            TensorPrimitives.Exp(gradient, gradient);
            TensorPrimitives.Multiply(gradient, Scale / total, gradient);
            gradient[label] -= Scale;
        }
    }
}
