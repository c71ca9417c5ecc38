namespace TaH.Kernels;

/// <summary>The rungs of <see cref="RotateAndStore"/>.</summary>
public enum RotateAndStoreVariant
{
    /// <summary>Every accelerator: one group a head.</summary>
    Portable,

    /// <summary>The CPU: vectors along half a head.</summary>
    Simd,
}
