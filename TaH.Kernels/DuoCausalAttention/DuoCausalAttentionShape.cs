namespace TaH.Kernels;

/// <summary>The sizes of attention over the position x depth grid.</summary>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Heads">Query heads; a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a head; at most <see cref="MaxHeadDim"/>.</param>
/// <param name="PageSize">Entries of a page.</param>
/// <param name="Depths">Depths of the grid.</param>
/// <param name="MaxPages">Pages of the longest list.</param>
public readonly record struct DuoCausalAttentionShape(int Rows, int Heads, int KvHeads, int HeadDim, int PageSize, int Depths, int MaxPages)
{
    /// <summary>The widest head that kernels have room for in shared memory.</summary>
    public const int MaxHeadDim = 512;

    /// <summary>Query heads that read the same keys and values.</summary>
    public int HeadsPerKvHead => Heads / KvHeads;

    /// <summary>What q * k is multiplied by: 1 / sqrt(headDim).</summary>
    public float Scale => 1f / MathF.Sqrt(HeadDim);

    /// <summary>The product sum of q * k and of p * v: 4 operations an element of every head.</summary>
    /// <param name="entries">Entries that all rows see together.</param>
    public long Flops(long entries) => 4L * entries * Heads * HeadDim;

    /// <summary>Bytes that have to move: keys and values, q in, mixed out.</summary>
    /// <param name="entries">Entries that are read: those that all rows see together, or each once where rows share them.</param>
    /// <param name="type">How a KV element is stored.</param>
    public long BytesMoved(long entries, ElementType type) =>
        (2L * entries * KvHeads * HeadDim * WeightMatrix.SizeOf(type)) + (2L * Rows * Heads * HeadDim * sizeof(float));

    /// <summary>What has to be done at the least: every entry is read once for all rows that see it.</summary>
    /// <param name="seen">The entries.</param>
    /// <param name="type">How a KV element is stored.</param>
    public KernelWork Work(SeenEntries seen, ElementType type) => new(BytesMoved(seen.Distinct, type), Flops(seen.ByAllRows), Rows, Heads * HeadDim);
}
