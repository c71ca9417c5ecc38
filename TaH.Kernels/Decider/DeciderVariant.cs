namespace TaH.Kernels;

/// <summary>The rungs of <see cref="DeciderMlp"/>.</summary>
public enum DeciderVariant
{
    /// <summary>Every accelerator: portable kernels only.</summary>
    Portable,

    /// <summary>CUDA: as portable, with the products that suit few rows there.</summary>
    CudaMatVec,

    /// <summary>The CPU: vectors.</summary>
    Simd,
}
