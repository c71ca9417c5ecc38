using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>The CPU: a job is a piece of a row, so that the single soft embedding of a decode step occupies every thread.</summary>
internal static unsafe class EmbeddingSimd
{
    private const int Piece = 256;

    public static void Run(CpuWorkers workers, WeightMatrix embedding, RowTable rows, LogitsState logits, Floats x, EmbeddingShape shape)
    {
        var pieces = (shape.Hidden + Piece - 1) / Piece;
        workers.For(rows.Count * pieces, grain: rows.DeepCount > 0 ? 1 : 16, new Job
        {
            Embedding = HostElements.Of(embedding), Tokens = Pointers.Of(rows.Tokens), Slots = Pointers.Of(rows.Slots),
            TopValues = Pointers.Of(logits.TopValues), TopTokens = Pointers.Of(logits.TopTokens), X = Pointers.Of(x), Shape = shape, Pieces = pieces,
        });
    }

    private struct Job : ICpuJob
    {
        public HostElements Embedding;
        public float* TopValues, X;
        public int* Tokens, Slots, TopTokens;
        public EmbeddingShape Shape;
        public int Pieces;

        [SkipLocalsInit]
        public readonly void Run(int start, int end)
        {
            Span<float> widened = stackalloc float[Piece];
            for (var unit = start; unit < end; unit++)
            {
                var (row, piece) = Math.DivRem(unit, Pieces);
                var first = piece * Piece;
                var target = new Span<float>(X + ((long)row * Shape.Hidden) + first, Math.Min(Piece, Shape.Hidden - first));
                if (Tokens[row] >= 0) Embedding.Widen(((long)Tokens[row] * Shape.Hidden) + first, target);
                else Mix((long)Slots[row] * Shape.TopK, first, target, widened[..target.Length]);
            }
        }

        private readonly void Mix(long top, int first, Span<float> target, Span<float> widened)
        {
            target.Clear();
            var total = 0f;
            for (var k = 0; k < Shape.SoftTopK; k++)
            {
                var weight = MathF.Exp(TopValues[top + k] - TopValues[top]); // the first is the largest
                total += weight;
                Embedding.Widen(((long)TopTokens[top + k] * Shape.Hidden) + first, widened);
                TensorPrimitives.MultiplyAdd(widened, weight, target, target);
            }
            TensorPrimitives.Multiply(target, 1f / total, target);
        }
    }
}
