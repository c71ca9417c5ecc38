namespace TaH.Kernels;

/// <summary>The rungs of <see cref="SelectRows"/>.</summary>
public enum SelectRowsVariant
{
    /// <summary>Every accelerator: one group a piece of a row, several rows a group where rows are short.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread.</summary>
    Simd,
}
