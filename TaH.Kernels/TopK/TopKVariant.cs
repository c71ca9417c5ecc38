namespace TaH.Kernels;

/// <summary>The rungs of <see cref="TopK"/>.</summary>
public enum TopKVariant
{
    /// <summary>Every accelerator: one group a row; a threshold by bisection, then a sort by rank of the few that pass.</summary>
    Portable,

    /// <summary>The CPU: one row a thread; vectors skip what is below the k-th largest so far.</summary>
    Simd,

    /// <summary>CUDA: one group a row, which reads only the buckets that the largest logits can be in; the sums are those of
    /// <see cref="LogitsSumVariant.CudaBuckets"/>.</summary>
    CudaBuckets,
}
