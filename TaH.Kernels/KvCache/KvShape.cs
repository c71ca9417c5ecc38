namespace TaH.Kernels;

/// <summary>How keys and values lie in memory, the same in every layer.</summary>
/// <param name="Layers">Layers of the model.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a head.</param>
/// <param name="PageSize">Entries of a page.</param>
/// <param name="Depths">Depths of the grid: the model's max_iter.</param>
/// <param name="Type">How an element is stored.</param>
public readonly record struct KvShape(int Layers, int KvHeads, int HeadDim, int PageSize, int Depths, ElementType Type)
{
    /// <summary>Elements of one entry's key (or value) in one layer.</summary>
    public int EntryLength => KvHeads * HeadDim;

    /// <summary>Bytes of one entry, key and value, in all layers.</summary>
    public long EntryBytes => 2L * Layers * EntryLength * WeightMatrix.SizeOf(Type);
}
