namespace TaH.Kernels;

/// <summary>The rungs of <see cref="Sampling"/>.</summary>
public enum SamplingVariant
{
    /// <summary>Every accelerator: one group a request; thresholds by bisection, nothing is sorted.</summary>
    Portable,

    /// <summary>The CPU: one request a thread, the same thresholds with vectors.</summary>
    Simd,

    /// <summary>
    /// CUDA: as portable, but requests that need no more than a slot's largest logits are drawn from these, which have to be those of the sums.
    /// </summary>
    CudaTop,
}
