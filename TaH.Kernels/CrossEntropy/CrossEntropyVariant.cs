namespace TaH.Kernels;

/// <summary>The rungs of <see cref="CrossEntropy"/>.</summary>
public enum CrossEntropyVariant
{
    /// <summary>Every accelerator: one group a row, several rows a group where rows are short.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread.</summary>
    Simd,
}
