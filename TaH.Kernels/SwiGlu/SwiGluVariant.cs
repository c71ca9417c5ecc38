namespace TaH.Kernels;

/// <summary>The rungs of <see cref="SwiGlu"/>.</summary>
public enum SwiGluVariant
{
    /// <summary>Every accelerator: one thread an element.</summary>
    Portable,

    /// <summary>The CPU: vectors.</summary>
    Simd,
}
