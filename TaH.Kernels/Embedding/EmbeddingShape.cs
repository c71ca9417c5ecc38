namespace TaH.Kernels;

/// <summary>The sizes of the input of a pass.</summary>
/// <param name="Hidden">Width of an embedding row.</param>
/// <param name="TopK">Top logits that a slot keeps.</param>
/// <param name="SoftTopK">How many of them a soft embedding mixes.</param>
public readonly record struct EmbeddingShape(int Hidden, int TopK, int SoftTopK)
{
    /// <summary>Bytes that have to move: one embedding row for a token, softTopK of them for a soft embedding, and the input out.</summary>
    /// <param name="tokenRows">Rows of depth 0.</param>
    /// <param name="softRows">Deeper rows.</param>
    /// <param name="type">How the embedding is stored.</param>
    public long BytesMoved(int tokenRows, int softRows, ElementType type) =>
        ((tokenRows + ((long)softRows * SoftTopK)) * Hidden * WeightMatrix.SizeOf(type)) + (((long)tokenRows + softRows) * Hidden * sizeof(float));

    /// <summary>Bytes, and a product and a sum for every element that a soft embedding mixes.</summary>
    /// <param name="tokenRows">Rows of depth 0.</param>
    /// <param name="softRows">Deeper rows.</param>
    /// <param name="type">How the embedding is stored.</param>
    public KernelWork Work(int tokenRows, int softRows, ElementType type) =>
        new(BytesMoved(tokenRows, softRows, type), 2L * softRows * SoftTopK * Hidden, tokenRows + softRows, Hidden);
}
