namespace TaH.Kernels;

/// <summary>The sizes of attention over packed sequences.</summary>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Entries">Keys and values: the rows of the passes of all depths up to this one.</param>
/// <param name="Depths">How many depths these are.</param>
/// <param name="Heads">Query heads; a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a head; at most <see cref="MaxHeadDim"/>.</param>
public readonly record struct PackedAttentionShape(int Rows, int Entries, int Depths, int Heads, int KvHeads, int HeadDim)
{
    /// <summary>The widest head that kernels have room for in shared memory.</summary>
    public const int MaxHeadDim = 256;

    /// <summary>Query heads that read the same keys and values.</summary>
    public int HeadsPerKvHead => Heads / KvHeads;

    /// <summary>What q * k is multiplied by: 1 / sqrt(headDim).</summary>
    public float Scale => 1f / MathF.Sqrt(HeadDim);

    /// <summary>Elements of q, mixed and their gradients.</summary>
    public long QueryLength => (long)Rows * Heads * HeadDim;

    /// <summary>Elements of k, v and their gradients.</summary>
    public long EntryLength => (long)Entries * KvHeads * HeadDim;

    /// <summary>The forward: scores and sums of <paramref name="pairs"/> of a row and an entry; every operand moves once.</summary>
    public KernelWork Work(long pairs) =>
        new(sizeof(float) * ((2 * QueryLength) + (2 * EntryLength)), 4 * pairs * Heads * HeadDim, Rows, Heads * HeadDim);

    /// <summary>The backward: scores again, and four more products of that size.</summary>
    public KernelWork BackwardWork(long pairs) =>
        new(sizeof(float) * ((4 * QueryLength) + (6 * EntryLength)), 10 * pairs * Heads * HeadDim, Rows, Heads * HeadDim);

    /// <summary>Refuses ranges of other sizes, and heads that do not share out.</summary>
    internal void Check(AttentionRanges ranges)
    {
        ShapeException.ThrowIfDifferent(ranges.Rows, Rows, "rows of ranges");
        ShapeException.ThrowIfDifferent(ranges.Entries, Entries, "entries of ranges");
        ShapeException.ThrowIfDifferent(ranges.Depths, Depths, "depths of ranges");
        ShapeException.ThrowIfDifferent((long)HeadsPerKvHead * KvHeads, Heads, "heads that share keys and values");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HeadDim, MaxHeadDim);
    }
}
