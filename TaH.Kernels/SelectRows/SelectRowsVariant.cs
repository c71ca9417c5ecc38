namespace TaH.Kernels;

/// <summary>The rungs of <see cref="SelectRows"/>.</summary>
public enum SelectRowsVariant
{
    /// <summary>Every accelerator: one thread an element.</summary>
    Portable,

    /// <summary>The CPU: rows spread over threads.</summary>
    Simd,
}
