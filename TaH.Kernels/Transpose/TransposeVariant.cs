namespace TaH.Kernels;

/// <summary>The rungs of <see cref="Transpose"/>.</summary>
public enum TransposeVariant
{
    /// <summary>Every accelerator: tiles through shared memory.</summary>
    Portable,

    /// <summary>The CPU: blocks that stay in the nearest cache, four by four in vectors.</summary>
    Simd,
}
