namespace TaH.Kernels;

/// <summary>The rungs of <see cref="ColumnSums"/>.</summary>
public enum ColumnSumsVariant
{
    /// <summary>Every accelerator: a thread adds up 32 rows of a column, launch by launch until one row is left.</summary>
    Portable,

    /// <summary>The CPU: chunks of rows spread over threads, vectors along a row.</summary>
    Simd,
}
