namespace TaH.Kernels;

/// <summary>The rungs of <see cref="MatMul"/>.</summary>
public enum MatMulVariant
{
    /// <summary>Every accelerator: one group a weight row, its threads side by side along the row; what a GPU wants for few rows.</summary>
    PortableRowPerGroup,

    /// <summary>Every accelerator: one thread a weight row, 16 bytes at a time; what a CPU runtime of OpenCL wants for few rows.</summary>
    PortableRowPerThread,

    /// <summary>Every accelerator: tiles of both operands in shared memory, 4 x 4 sums a thread; for many rows.</summary>
    PortableTiled,

    /// <summary>CUDA: a warp or several for two weight rows, sixteen bytes a load and eight loads on the way; for few rows.</summary>
    CudaMatVec,

    /// <summary>
    /// CUDA: streamed bfloat16 weights as the large side of tensor cores' tiles, x packed as bfloat16 beforehand; for up to 256 rows.
    /// </summary>
    CudaWeightTiles,

    /// <summary>
    /// CUDA from Ampere on: tensor cores, products of warps; x is rounded to bf16. For many rows and bf16 weights of whole 16 bytes.
    /// </summary>
    CudaMma,

    /// <summary>CUDA on Hopper: tensor cores, products of warpgroups; otherwise as <see cref="CudaMma"/>.</summary>
    CudaWgmma,

    /// <summary>The CPU: vectors; weights are streamed for few rows and held in cache for many.</summary>
    Simd,
}
