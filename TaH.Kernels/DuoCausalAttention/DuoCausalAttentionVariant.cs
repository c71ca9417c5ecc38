namespace TaH.Kernels;

/// <summary>The rungs of <see cref="DuoCausalAttention"/>.</summary>
public enum DuoCausalAttentionVariant
{
    /// <summary>Every accelerator: one group a row and head.</summary>
    Portable,

    /// <summary>
    /// Every accelerator: the entries of a row and head spread over several groups, then combined; for few rows and a long context.
    /// </summary>
    PortableSplit,

    /// <summary>The CPU: vectors, keys and values read once for all query heads that share them, long contexts split over threads.</summary>
    Simd,

    /// <summary>The CPU: keys and values read once for some thirty rows of a sequence; for many rows.</summary>
    SimdTiled,
}
