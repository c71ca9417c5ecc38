using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>The CPU: rows spread over threads, vectors along a row; exponentials a piece at a time, so that they stay in the nearest cache.</summary>
internal static unsafe class CrossEntropySimd
{
    private const int Piece = 1024;

    /// <param name="workers">The threads.</param>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="labels">[rows].</param>
    /// <param name="scale">Of the gradient.</param>
    /// <param name="losses">[rows].</param>
    /// <param name="predictions">[rows].</param>
    /// <param name="dLogits">[rows, vocab]; empty if no gradient is wanted.</param>
    /// <param name="shape">The sizes.</param>
    public static void Run(
        CpuWorkers workers, Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, CrossEntropyShape shape) =>
        workers.For(shape.Rows, grain: 1, new Job
        {
            Logits = Pointers.Of(logits), Labels = Pointers.Of(labels), Scale = scale, Losses = Pointers.Of(losses),
            Predictions = Pointers.Of(predictions), DLogits = Pointers.Of(dLogits), Vocab = shape.Vocab,
        });

    private struct Job : ICpuJob
    {
        public float* Logits, Losses, DLogits;
        public int* Labels, Predictions;
        public float Scale;
        public int Vocab;

        public readonly void Run(int start, int end)
        {
            for (var row = start; row < end; row++) RunRow(row);
        }

        [SkipLocalsInit]
        private readonly void RunRow(int row)
        {
            Span<float> memory = stackalloc float[Piece];
            var logits = new ReadOnlySpan<float>(Logits + ((long)row * Vocab), Vocab);
            var gradient = DLogits is null ? default : new Span<float>(DLogits + ((long)row * Vocab), Vocab);
            var label = Labels[row];
            var prediction = IndexOfLargest(logits);
            var largest = logits[prediction];
            Predictions[row] = prediction;
            if (label < 0)
            {
                Losses[row] = 0f;
                gradient.Clear();
                return;
            }
            var labelled = logits[label];
            var sum = 0f;
            for (var first = 0; first < Vocab; first += Piece)
            {
                var part = logits[first..Math.Min(first + Piece, Vocab)];
                var target = gradient.IsEmpty ? memory[..part.Length] : gradient.Slice(first, part.Length);
                TensorPrimitives.Subtract(part, largest, target);
                TensorPrimitives.Exp(target, target);
                sum += TensorPrimitives.Sum<float>(target);
            }
            Losses[row] = MathF.Log(sum) + (largest - labelled);
            if (gradient.IsEmpty) return;
            TensorPrimitives.Multiply(gradient, Scale / sum, gradient);
            gradient[label] -= Scale;
        }

        /// <summary>The first of the largest; zeros of both signs are equal, which <see cref="TensorPrimitives"/> does not take them for.</summary>
        private static int IndexOfLargest(ReadOnlySpan<float> logits)
        {
            var largest = TensorPrimitives.IndexOfMax(logits);
            return logits[largest] == 0f ? logits.IndexOf(0f) : largest;
        }
    }
}
