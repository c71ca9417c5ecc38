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
    /// CUDA: up to eight rows in one launch of groups that stay for all products, one row as <see cref="DeciderSpread"/> says; on Hopper more rows
    /// in batches of at most 128, see <see cref="DeciderBatch"/>, unless <see cref="ProductPrecision.F32"/> is asked for; all else, unusual
    /// deciders too, as <see cref="CudaMatVec"/>.
    /// </summary>
    CudaResident,
}
