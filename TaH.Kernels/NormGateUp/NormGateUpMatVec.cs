namespace TaH.Kernels;

/// <summary>CUDA, few rows: RMSNorm of x, the gate and up products, then silu(gate) * up, in one launch.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class NormGateUpMatVec(ComputeDevice device)
{
    private readonly MatVecLaunches<GatedRows> _launches = new(device);

    /// <summary>Whether the kernel takes these rows and weights: few rows, one element type.</summary>
    public static bool Takes(int rows, WeightMatrix gate, WeightMatrix up) => rows is > 0 and <= MatVec.MaxRows && gate.Type == up.Type;

    /// <summary>silu(gate norm(x)) * up norm(x), where norm(x) is what <see cref="RmsNorm.Run"/> computes.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="gain">[hidden].</param>
    /// <param name="gate">[ffn, hidden].</param>
    /// <param name="up">[ffn, hidden].</param>
    /// <param name="activated">[rows, ffn], written.</param>
    /// <param name="shape">Rows, hidden and epsilon.</param>
    /// <exception cref="ShapeException">A view or a weight has another size than the shape says.</exception>
    /// <exception cref="NotSupportedException"><see cref="Takes"/> says no.</exception>
    public void Run(Floats x, Floats gain, WeightMatrix gate, WeightMatrix up, Floats activated, RmsNormShape shape)
    {
        var gated = GatedRows.Of(x, gain, gate, up, activated, shape);
        if (!Takes(shape.Rows, gate, up)) throw new NotSupportedException($"{shape.Rows} rows, or weights of different element types");
        using var _ = device.Profile("NormGateUp", "MatVec", gated.Work(gate.Type, shape));
        _launches.Run(x, new MatVecNorm(gain, shape.Epsilon), gate.Type, gated, gate.Rows, shape.Rows, shape.Hidden);
    }
}
