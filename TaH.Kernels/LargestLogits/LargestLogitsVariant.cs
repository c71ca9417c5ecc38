namespace TaH.Kernels;

/// <summary>The rungs of <see cref="LargestLogits"/>: those of <see cref="TopK"/> that need nothing but logits.</summary>
public enum LargestLogitsVariant
{
    /// <summary>Every accelerator: one group a row.</summary>
    Portable,

    /// <summary>The CPU: one row a thread.</summary>
    Simd,
}
