namespace TaH.Kernels;

/// <summary>The sizes and weights of a binary cross-entropy.</summary>
/// <param name="Rows">Logits.</param>
/// <param name="PositiveWeight">What the loss of a target of 1 is multiplied with.</param>
/// <param name="Scale">What gradients are multiplied with.</param>
internal readonly record struct BinaryCrossEntropyShape(int Rows, float PositiveWeight, float Scale)
{
    /// <summary>Logits and targets in, losses and gradients out; an exponential, a logarithm and ten more a row.</summary>
    public KernelWork Work => new(4L * Rows * sizeof(float), 12L * Rows, Rows, Inner: 1);
}
