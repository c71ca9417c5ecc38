namespace TaH.Kernels;

/// <summary>The rungs of <see cref="RandomWeights"/>; both make the same bits.</summary>
public enum RandomWeightsVariant
{
    /// <summary>Every accelerator: one thread an element.</summary>
    Portable,

    /// <summary>The CPU: vectors.</summary>
    Simd,
}
