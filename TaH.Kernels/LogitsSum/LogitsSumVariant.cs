namespace TaH.Kernels;

/// <summary>The rungs of <see cref="LogitsSum"/>.</summary>
public enum LogitsSumVariant
{
    /// <summary>Every accelerator: one group a piece of a row.</summary>
    Portable,

    /// <summary>The CPU: vectors, a piece of a row a job.</summary>
    Simd,
}
