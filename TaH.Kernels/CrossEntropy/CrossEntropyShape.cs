namespace TaH.Kernels;

/// <summary>The sizes of a cross-entropy.</summary>
/// <param name="Rows">Predictions, one a row.</param>
/// <param name="Vocab">Logits of a row.</param>
public readonly record struct CrossEntropyShape(int Rows, int Vocab)
{
    /// <summary>Bytes that have to move: the logits in, with gradients these out; the largest, an exponential and sums of each.</summary>
    /// <param name="withGradient">Whether the gradient is wanted.</param>
    public KernelWork Work(bool withGradient) => new(
        ((long)Rows * Vocab * sizeof(float) * (withGradient ? 2 : 1)) + (3L * Rows * sizeof(float)),
        (long)Rows * Vocab * (withGradient ? 6 : 3), Rows, Vocab);
}
