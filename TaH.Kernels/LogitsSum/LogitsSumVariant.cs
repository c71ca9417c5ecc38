namespace TaH.Kernels;

/// <summary>The rungs of <see cref="LogitsSum"/>.</summary>
public enum LogitsSumVariant
{
    /// <summary>Every accelerator: one group a piece of a row.</summary>
    Portable,

    /// <summary>The CPU: vectors, a piece of a row a job.</summary>
    Simd,

    /// <summary>CUDA: one thread a bucket, whose largest sum it leaves for <see cref="TopKVariant.CudaBuckets"/>.</summary>
    CudaBuckets,
}
