namespace TaH.Kernels;

/// <summary>CUDA, few rows: RMSNorm of x, then the query, key and value products, in one launch.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class NormProjectQkvMatVec(ComputeDevice device)
{
    private readonly MatVecLaunches<ThreeProjections> _launches = new(device);

    /// <summary>Whether the kernel takes these rows and weights: few rows, one element type.</summary>
    public static bool Takes(int rows, WeightMatrix query, WeightMatrix key, WeightMatrix value) =>
        rows is > 0 and <= MatVec.MaxRows && query.Type == key.Type && query.Type == value.Type;

    /// <summary>Each weight times norm(x), where norm(x) is what <see cref="RmsNorm.Run"/> computes.</summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="gain">[hidden].</param>
    /// <param name="query">[heads * headDim, hidden].</param>
    /// <param name="key">[kvHeads * headDim, hidden].</param>
    /// <param name="value">[kvHeads * headDim, hidden].</param>
    /// <param name="qkv">[rows, weight rows] each, written.</param>
    /// <param name="shape">Rows, hidden and epsilon.</param>
    /// <exception cref="ShapeException">A view or a weight has another size than the shape says.</exception>
    /// <exception cref="NotSupportedException"><see cref="Takes"/> says no.</exception>
    public void Run(Floats x, Floats gain, WeightMatrix query, WeightMatrix key, WeightMatrix value, QkvBuffers qkv, RmsNormShape shape)
    {
        var projections = ThreeProjections.Of(x, gain, query, key, value, qkv, shape);
        if (!Takes(shape.Rows, query, key, value)) throw new NotSupportedException($"{shape.Rows} rows, or weights of different element types");
        using var _ = device.Profile("NormProjectQkv", "MatVec", projections.Work(query.Type, shape));
        _launches.Run(x, new MatVecNorm(gain, shape.Epsilon), query.Type, projections, projections.Pairs, shape.Rows, shape.Hidden);
    }
}
