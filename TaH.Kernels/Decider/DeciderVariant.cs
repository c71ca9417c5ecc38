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

    /// <summary>
    /// CUDA: few rows in one launch of groups that stay for all products; more rows, and unusual deciders, as <see cref="CudaMatVec"/>.
    /// </summary>
    CudaResident,
}
