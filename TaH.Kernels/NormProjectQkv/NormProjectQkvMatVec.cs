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
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        ShapeException.ThrowIfShorter(gain, shape.Hidden, nameof(gain));
        if (!Takes(shape.Rows, query, key, value)) throw new NotSupportedException($"{shape.Rows} rows, or weights of different element types");
        var projections = new ThreeProjections(
            Of(query, qkv.Query, shape, nameof(query)), Of(key, qkv.Key, shape, nameof(key)), Of(value, qkv.Value, shape, nameof(value)));
        var product = new MatMulShape(shape.Rows, shape.Hidden, query.Rows + key.Rows + value.Rows);
        using var _ = device.Profile("NormProjectQkv", "MatVec", product.Work(query.Type) with { Flops = product.Flops + shape.Flops });
        _launches.Run(x, new MatVecNorm(gain, shape.Epsilon), query.Type, projections, projections.Pairs, shape.Rows, shape.Hidden);
    }

    private static ProjectedRows Of(WeightMatrix weight, Floats y, RmsNormShape shape, string name)
    {
        ShapeException.ThrowIfDifferent(weight.Columns, shape.Hidden, $"{name} columns");
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * weight.Rows, name);
        return ProjectedRows.Of(weight, y, y, new MatMulTask(shape.Rows, shape.Hidden, weight.Rows, Alpha: 1, Accumulate: 0, AddBias: 0));
    }
}
