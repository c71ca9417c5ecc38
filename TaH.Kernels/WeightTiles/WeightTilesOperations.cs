namespace TaH.Kernels;

/// <summary>The operations that run as <see cref="WeightTiles"/>, around one packer.</summary>
/// <param name="device">A device that <see cref="WeightTilesChoice.Serves"/> says yes to.</param>
internal sealed class WeightTilesOperations(ComputeDevice device) : IDisposable
{
    private readonly TokenPacker _tokens = new(device);
    private NormProjectQkvWeightTiles? _normProjectQkv;
    private NormGateUpWeightTiles? _normGateUp;
    private WeightTilesLaunches<ProjectedRows>? _project;
    private LoraWeightTiles? _lora;

    private LoraWeightTiles Lora => _lora ??= new(device, _tokens);

    /// <summary>
    /// Whether the kernels take a pass and projections that share their input: with their updates, if they have any and rows are deep.
    /// </summary>
    public static bool Takes(RowTable rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows.Count is <= MatVec.MaxRows or > WeightTilesChoice.MostRows) return false;
        if (Updates(rows.DeepCount, projections)) return LoraWeightTiles.Takes(rows.Count, projections);
        foreach (var projection in projections)
            if (!WeightTilesChoice.Takes(rows.Count, projection.Weight)) return false;
        return true;
    }

    /// <summary>As <see cref="IOperations.NormProjectQkv"/>.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, QkvBuffers qkv, RmsNormShape shape, int deepFrom)
    {
        if (Updates(shape.Rows - deepFrom, layer.Query, layer.Key, layer.Value))
        {
            Lora.NormProjectQkv(x, layer, qkv, shape, deepFrom);
            return;
        }
        _normProjectQkv ??= new(device, _tokens);
        _normProjectQkv.Run(x, layer.AttentionNorm.View.BaseView, layer.Query.Weight, layer.Key.Weight, layer.Value.Weight, qkv, shape);
    }

    /// <summary>As <see cref="IOperations.NormGateUp"/>.</summary>
    public void NormGateUp(Floats x, LayerWeights layer, Floats activated, RmsNormShape shape, int deepFrom)
    {
        if (Updates(shape.Rows - deepFrom, layer.Gate, layer.Up))
        {
            Lora.NormGateUp(x, layer, activated, shape, deepFrom);
            return;
        }
        _normGateUp ??= new(device, _tokens);
        _normGateUp.Run(x, layer.FfnNorm.View.BaseView, layer.Gate.Weight, layer.Up.Weight, activated, shape);
    }

    /// <summary>As <see cref="IOperations.ProjectAdd"/>.</summary>
    public void ProjectAdd(Floats x, Projection projection, Floats y, int rows, int deepFrom)
    {
        if (Updates(rows - deepFrom, projection))
        {
            Lora.ProjectAdd(x, projection, y, rows, deepFrom);
            return;
        }
        var weight = projection.Weight;
        var shape = new MatMulShape(rows, weight.Columns, weight.Rows, Accumulate: true);
        ShapeException.ThrowIfShorter(x, (long)rows * shape.Inner, nameof(x));
        ShapeException.ThrowIfShorter(y, (long)rows * shape.Outer, nameof(y));
        using var _ = device.Profile("ProjectAdd", nameof(WeightTiles), shape.Work(weight.Type));
        _project ??= new(device, _tokens, WeightTilesChoice.Warpgroups(device));
        var projected = ProjectedRows.Of(weight, x, y, new MatMulTask(rows, shape.Inner, shape.Outer, Alpha: 1, Accumulate: 1, AddBias: 0));
        _project.Run(x, norm: null, projected, projected.Pairs, rows, shape.Inner);
    }

    /// <inheritdoc/>
    public void Dispose() => _tokens.Dispose();

    private static bool Updates(int deepRows, params ReadOnlySpan<Projection> projections)
    {
        if (deepRows == 0) return false;
        foreach (var projection in projections)
            if (projection.Lora is not null) return true;
        return false;
    }
}
