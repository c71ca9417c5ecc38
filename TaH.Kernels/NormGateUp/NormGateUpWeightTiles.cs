namespace TaH.Kernels;

/// <summary>
/// CUDA, up to 256 rows and bfloat16 weights: RMSNorm of x while it is packed, then the gate and up products and silu(gate) * up in one launch.
/// </summary>
/// <param name="device">A device that <see cref="WeightTilesChoice.Serves"/> says yes to.</param>
/// <param name="tokens">Where x is packed.</param>
internal sealed class NormGateUpWeightTiles(ComputeDevice device, TokenPacker tokens)
{
    private readonly WeightTilesLaunches<GatedRows> _launches = new(device, tokens, WeightTilesChoice.Warpgroups(device));

    /// <summary>As <see cref="NormGateUpMatVec.Run"/>; x times the gain is rounded as <see cref="TokenPacker.Task"/> says.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="gain">[hidden].</param>
    /// <param name="gate">[ffn, hidden].</param>
    /// <param name="up">[ffn, hidden].</param>
    /// <param name="activated">[rows, ffn], written.</param>
    /// <param name="shape">Rows, hidden and epsilon.</param>
    /// <exception cref="ShapeException">A view or a weight has another size than the shape says.</exception>
    /// <exception cref="NotSupportedException"><see cref="WeightTilesChoice.Takes"/> says no.</exception>
    public void Run(Floats x, Floats gain, WeightMatrix gate, WeightMatrix up, Floats activated, RmsNormShape shape)
    {
        var gated = GatedRows.Of(x, gain, gate, up, activated, shape);
        foreach (var weight in (ReadOnlySpan<WeightMatrix>)[gate, up])
            if (!WeightTilesChoice.Takes(shape.Rows, weight)) throw WeightTilesChoice.Refused(shape.Rows, weight);
        using var _ = device.Profile("NormGateUp", nameof(WeightTiles), gated.Work(gate.Type, shape));
        _launches.Run(x, new MatVecNorm(gain, shape.Epsilon), gated, gate.Rows, shape.Rows, shape.Hidden);
    }
}
