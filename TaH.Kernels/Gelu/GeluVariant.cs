namespace TaH.Kernels;

/// <summary>The rungs of <see cref="Gelu"/>.</summary>
public enum GeluVariant
{
    /// <summary>Every accelerator: one thread an element.</summary>
    Portable,

    /// <summary>The CPU: vectors.</summary>
    Simd,
}
