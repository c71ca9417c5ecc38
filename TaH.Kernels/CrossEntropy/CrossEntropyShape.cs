namespace TaH.Kernels;

/// <summary>The sizes of a cross-entropy.</summary>
/// <param name="Rows">Rows of logits.</param>
/// <param name="Vocab">Logits of a row.</param>
public readonly record struct CrossEntropyShape(int Rows, int Vocab)
{
    /// <summary>Logits in all.</summary>
    public long Length => (long)Rows * Vocab;
}
