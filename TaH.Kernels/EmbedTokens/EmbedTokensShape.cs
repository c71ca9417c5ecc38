namespace TaH.Kernels;

/// <summary>The sizes of an embedding of tokens.</summary>
/// <param name="Rows">Tokens.</param>
/// <param name="Hidden">Elements of an embedding.</param>
/// <param name="Vocab">Rows of the embedding.</param>
public readonly record struct EmbedTokensShape(int Rows, int Hidden, int Vocab)
{
    /// <summary>Elements in all.</summary>
    public long Length => (long)Rows * Hidden;
}
