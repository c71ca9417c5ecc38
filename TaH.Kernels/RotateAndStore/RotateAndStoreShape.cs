namespace TaH.Kernels;

/// <summary>The sizes of the step between the query, key and value products and attention.</summary>
/// <param name="Rows">Rows of the pass.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a head; even.</param>
/// <param name="Epsilon">What the norms add to the mean square.</param>
public readonly record struct RotateAndStoreShape(int Rows, int Heads, int KvHeads, int HeadDim, float Epsilon)
{
    /// <summary>Heads of a row that are rotated: of the query and of the key.</summary>
    public int RotatedHeads => Heads + KvHeads;

    /// <summary>Bytes that have to move: q in and out, k and v in, an entry out, and a line of the rope table a row.</summary>
    /// <param name="type">How a KV element is stored.</param>
    public long BytesMoved(ElementType type) =>
        (long)Rows * HeadDim * ((((2 * Heads) + (2 * KvHeads) + 1) * sizeof(float)) + (2 * KvHeads * WeightMatrix.SizeOf(type)));

    /// <summary>A norm (4) and a rotation (3) for every element of every rotated head.</summary>
    public long Flops => 7L * Rows * RotatedHeads * HeadDim;

    /// <summary>Both together.</summary>
    /// <param name="type">How a KV element is stored.</param>
    public KernelWork Work(ElementType type) => new(BytesMoved(type), Flops, Rows, RotatedHeads * HeadDim);
}
