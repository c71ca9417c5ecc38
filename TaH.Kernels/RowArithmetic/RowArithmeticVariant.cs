namespace TaH.Kernels;

/// <summary>The rungs of <see cref="RowArithmetic"/>.</summary>
public enum RowArithmeticVariant
{
    /// <summary>Every accelerator: one thread an element.</summary>
    Portable,

    /// <summary>The CPU: vectors along a row.</summary>
    Simd,
}
