namespace TaH.Kernels;

/// <summary>The rungs of <see cref="Transpose"/>.</summary>
public enum TransposeVariant
{
    /// <summary>Every accelerator: tiles through shared memory.</summary>
    Portable,

    /// <summary>The CPU: tiles that stay in the first-level cache.</summary>
    Simd,
}
