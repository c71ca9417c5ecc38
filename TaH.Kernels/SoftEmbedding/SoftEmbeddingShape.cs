namespace TaH.Kernels;

/// <summary>The sizes of soft embeddings.</summary>
/// <param name="Rows">Soft embeddings, one a row.</param>
/// <param name="K">Tokens that each mixes.</param>
/// <param name="Hidden">Width of an embedding row.</param>
/// <param name="Vocab">Rows of the embedding.</param>
public readonly record struct SoftEmbeddingShape(int Rows, int K, int Hidden, int Vocab)
{
    /// <summary>Values and tokens that are mixed, of all rows.</summary>
    public long Mixed => (long)Rows * K;

    /// <summary>What has to be done: an embedding row in for each that is mixed, and the products with it.</summary>
    /// <param name="type">How the embedding is stored.</param>
    public KernelWork Work(ElementType type) => new(
        (Mixed * ((Hidden * (long)WeightMatrix.SizeOf(type)) + (3 * sizeof(float)))) + ((long)Rows * Hidden * sizeof(float)),
        2 * Mixed * Hidden, Rows, K, Hidden);
}
