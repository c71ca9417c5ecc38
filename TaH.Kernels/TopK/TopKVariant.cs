namespace TaH.Kernels;

/// <summary>The rungs of <see cref="TopK"/>.</summary>
public enum TopKVariant
{
    /// <summary>Every accelerator: one group a row; a threshold by bisection, then a sort by rank of the few that pass.</summary>
    Portable,

    /// <summary>The CPU: one row a thread; vectors skip what is below the k-th largest so far.</summary>
    Simd,
}
