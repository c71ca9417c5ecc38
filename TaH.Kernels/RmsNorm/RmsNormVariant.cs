namespace TaH.Kernels;

/// <summary>The rungs of <see cref="RmsNorm"/>.</summary>
public enum RmsNormVariant
{
    /// <summary>Every accelerator: one group a row.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread.</summary>
    Simd,
}
