namespace TaH.Kernels;

/// <summary>The sizes of a plain embedding.</summary>
/// <param name="Rows">Tokens, one a row.</param>
/// <param name="Hidden">Width of an embedding row.</param>
/// <param name="Vocab">Rows of the embedding.</param>
public readonly record struct EmbedTokensShape(int Rows, int Hidden, int Vocab)
{
    /// <summary>Bytes that have to move forward: a row of the embedding in, one of the activations out, for each token.</summary>
    /// <param name="type">How the embedding is stored.</param>
    public KernelWork Work(ElementType type) =>
        new((long)Rows * ((Hidden * (long)(WeightMatrix.SizeOf(type) + sizeof(float))) + sizeof(int)), 0, Rows, Hidden);

    /// <summary>What has to be done backward: every gradient in and added, and the sum of each token that occurs added to what is there.</summary>
    /// <param name="distinct">Tokens that occur.</param>
    public KernelWork BackwardWork(int distinct) =>
        new((Rows + (2L * distinct)) * Hidden * sizeof(float), (long)Rows * Hidden, Rows, Hidden);
}
