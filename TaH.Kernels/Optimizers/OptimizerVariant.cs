namespace TaH.Kernels;

/// <summary>The rungs of <see cref="AdamW"/>, <see cref="Sgd"/> and <see cref="SumOfSquares"/>.</summary>
public enum OptimizerVariant
{
    /// <summary>Every accelerator: one thread a parameter.</summary>
    Portable,

    /// <summary>The CPU: pieces spread over threads.</summary>
    Simd,
}
