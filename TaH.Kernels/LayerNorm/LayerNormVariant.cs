namespace TaH.Kernels;

/// <summary>The rungs of <see cref="LayerNorm"/>.</summary>
public enum LayerNormVariant
{
    /// <summary>Every accelerator: one group a row.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread.</summary>
    Simd,
}
