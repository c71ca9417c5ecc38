namespace TaH.Kernels;

/// <summary>
/// CUDA, up to 256 rows and bfloat16 weights: RMSNorm of x while it is packed, then the query, key and value products in one launch.
/// </summary>
/// <param name="device">A device that <see cref="WeightTilesChoice.Serves"/> says yes to.</param>
/// <param name="tokens">Where x is packed.</param>
internal sealed class NormProjectQkvWeightTiles(ComputeDevice device, TokenPacker tokens)
{
    private readonly WeightTilesLaunches<ThreeProjections> _launches = new(device, tokens, WeightTilesChoice.Warpgroups(device));

    /// <summary>As <see cref="NormProjectQkvMatVec.Run"/>; x times the gain is rounded as <see cref="TokenPacker.Task"/> says.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="gain">[hidden].</param>
    /// <param name="query">[heads * headDim, hidden].</param>
    /// <param name="key">[kvHeads * headDim, hidden].</param>
    /// <param name="value">[kvHeads * headDim, hidden].</param>
    /// <param name="qkv">[rows, weight rows] each, written.</param>
    /// <param name="shape">Rows, hidden and epsilon.</param>
    /// <exception cref="ShapeException">A view or a weight has another size than the shape says.</exception>
    /// <exception cref="NotSupportedException"><see cref="WeightTilesChoice.Takes"/> says no.</exception>
    public void Run(Floats x, Floats gain, WeightMatrix query, WeightMatrix key, WeightMatrix value, QkvBuffers qkv, RmsNormShape shape)
    {
        var projections = ThreeProjections.Of(x, gain, query, key, value, qkv, shape);
        foreach (var weight in (ReadOnlySpan<WeightMatrix>)[query, key, value])
            if (!WeightTilesChoice.Takes(shape.Rows, weight)) throw WeightTilesChoice.Refused(shape.Rows, weight);
        using var _ = device.Profile("NormProjectQkv", nameof(WeightTiles), projections.Work(query.Type, shape));
        _launches.Run(x, new MatVecNorm(gain, shape.Epsilon), projections, projections.Pairs, shape.Rows, shape.Hidden);
    }
}
