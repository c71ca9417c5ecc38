namespace TaH.Kernels;

/// <summary>The rungs of <see cref="GatherRows"/>.</summary>
public enum GatherRowsVariant
{
    /// <summary>Every accelerator: one group a row.</summary>
    Portable,

    /// <summary>The CPU: one copy a row.</summary>
    Simd,
}
