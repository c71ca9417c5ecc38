namespace TaH.Kernels;

/// <summary>The sizes of a soft embedding.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="TopK">Logits that are mixed.</param>
/// <param name="Hidden">Elements of an embedding.</param>
/// <param name="Vocab">Rows of the embedding.</param>
public readonly record struct SoftEmbeddingShape(int Rows, int TopK, int Hidden, int Vocab)
{
    /// <summary>Logits that are mixed, in all.</summary>
    public long Mixed => (long)Rows * TopK;
}
