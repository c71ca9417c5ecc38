namespace TaH.Kernels;

/// <summary>Which inline PTX kernels may use on a device: each generation has what those before have.</summary>
public enum CudaGeneration
{
    /// <summary>None: portable kernels only.</summary>
    None,

    /// <summary>Plain instructions.</summary>
    Turing,

    /// <summary>Asynchronous copies, and products of warps on tensor cores; every newer generation but Hopper counts as this one.</summary>
    Ampere,

    /// <summary>Tensor maps and products of warpgroups, which later generations do not have.</summary>
    Hopper,
}
