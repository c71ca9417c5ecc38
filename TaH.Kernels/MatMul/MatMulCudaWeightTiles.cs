namespace TaH.Kernels;

/// <summary>CUDA, up to 256 rows and bfloat16 weights: the product as <see cref="WeightTiles"/> computes it.</summary>
internal sealed class MatMulCudaWeightTiles : IDisposable
{
    private readonly TokenPacker _tokens;
    private readonly WeightTilesLaunches<ProjectedRows> _launches;

    /// <summary>Allocates room for packed rows.</summary>
    /// <param name="device">A card with bfloat16 tensor cores, or simulated warps.</param>
    public MatMulCudaWeightTiles(ComputeDevice device)
    {
        _tokens = new TokenPacker(device);
        _launches = new WeightTilesLaunches<ProjectedRows>(device, _tokens, WeightTilesChoice.Warpgroups(device));
    }

    /// <summary>One product.</summary>
    /// <exception cref="NotSupportedException"><see cref="WeightTilesChoice.Takes"/> says no.</exception>
    public void Run(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        if (!WeightTilesChoice.Takes(task.Rows, weight)) throw WeightTilesChoice.Refused(task.Rows, weight);
        var projected = ProjectedRows.Of(weight, bias, y, task);
        _launches.Run(x, norm: null, projected, projected.Pairs, task.Rows, task.Inner);
    }

    public void Dispose() => _tokens.Dispose();
}
