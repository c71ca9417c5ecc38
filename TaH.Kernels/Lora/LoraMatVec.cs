namespace TaH.Kernels;

/// <summary>
/// CUDA, few rows, some of them deep: an operation's products with their low-rank updates in one launch, so that an update costs little more than its
/// bytes.
/// </summary>
internal sealed class LoraMatVec : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly LoraCells _cells;
    private readonly int _maxRank;
    private readonly LoraMatVecLaunches<ThreeProjections, ProjectionUpdates> _qkv;
    private readonly LoraMatVecLaunches<ProjectedRows, ProjectionUpdates> _project;
    private readonly LoraMatVecLaunches<GatedRows, GatedUpdates> _gateUp;

    /// <summary>Makes room for the reduced inputs.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    /// <param name="maxRank">The largest rank of an update.</param>
    public LoraMatVec(ComputeDevice device, int maxRank)
    {
        (_device, _maxRank) = (device, Math.Min(maxRank, LoraMatVecTask.MostRank));
        _cells = new LoraCells(device, _maxRank);
        (_qkv, _project, _gateUp) = (new(device), new(device), new(device));
    }

    /// <summary>
    /// Whether the kernels take a pass and projections that share their input: each has an update, all of one rank, everything of one type.
    /// </summary>
    public bool Takes(int rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows is <= 0 or > MatVec.MaxRows || projections[0].Lora is not { } first || first.A.Rows > _maxRank) return false;
        foreach (var projection in projections)
        {
            if (projection.Lora is not { } pair || pair.A.Rows != first.A.Rows || projection.Weight.Type != projections[0].Weight.Type) return false;
            if (pair.A.Type != projection.Weight.Type || pair.B.Type != projection.Weight.Type) return false;
        }
        return true;
    }

    /// <summary>To be called before the products of a pass; a graph that is replayed has it in its record.</summary>
    public void BeginPass() => _cells.BeginPass();

    /// <summary>As <see cref="NormProjectQkvMatVec.Run"/>, with the updates of the rows from <paramref name="fromRow"/> on.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, QkvBuffers qkv, RmsNormShape shape, int fromRow)
    {
        WeightMatrix query = layer.Query.Weight, key = layer.Key.Weight, value = layer.Value.Weight;
        Floats gain = layer.AttentionNorm.View;
        var projections = ThreeProjections.Of(x, gain, query, key, value, qkv, shape);
        ReadOnlySpan<LoraPair> updates = [layer.Query.Lora!, layer.Key.Lora!, layer.Value.Lora!];
        using var _ = _device.Profile("NormProjectQkv", "MatVec, LoRA", projections.Work(query.Type, shape));
        var norm = new MatVecNorm(gain, shape.Epsilon);
        _qkv.Run(
            x, norm, query.Type, projections, projections.Pairs, shape.Rows, shape.Hidden, ProjectionUpdates.Of(updates),
            Reduced(updates, shape.Hidden, fromRow));
    }

    /// <summary>y += projection(x), with the update of the rows from <paramref name="fromRow"/> on.</summary>
    public void ProjectAdd(Floats x, Projection projection, Floats y, int rows, int fromRow)
    {
        var weight = projection.Weight;
        var projected = ProjectedRows.Adding(weight, x, y, rows);
        ReadOnlySpan<LoraPair> updates = [projection.Lora!];
        using var _ = _device.Profile("ProjectAdd", "MatVec, LoRA", projected.Work(weight.Type));
        _project.Run(
            x, norm: null, weight.Type, projected, projected.Pairs, rows, weight.Columns, ProjectionUpdates.Of(updates),
            Reduced(updates, weight.Columns, fromRow));
    }

    /// <summary>As <see cref="NormGateUpMatVec.Run"/>, with the updates of the rows from <paramref name="fromRow"/> on.</summary>
    public void NormGateUp(Floats x, LayerWeights layer, Floats activated, RmsNormShape shape, int fromRow)
    {
        WeightMatrix gate = layer.Gate.Weight, up = layer.Up.Weight;
        Floats gain = layer.FfnNorm.View;
        var gated = GatedRows.Of(x, gain, gate, up, activated, shape);
        ReadOnlySpan<LoraPair> updates = [layer.Gate.Lora!, layer.Up.Lora!];
        using var _ = _device.Profile("NormGateUp", "MatVec, LoRA", gated.Work(gate.Type, shape));
        var norm = new MatVecNorm(gain, shape.Epsilon);
        var addresses = new GatedUpdates(updates[0].B.Address, updates[1].B.Address, updates[0].A.Rows);
        _gateUp.Run(x, norm, gate.Type, gated, gate.Rows, shape.Rows, shape.Hidden, addresses, Reduced(updates, shape.Hidden, fromRow));
    }

    /// <inheritdoc/>
    public void Dispose() => _cells.Dispose();

    private ReducedRows Reduced(ReadOnlySpan<LoraPair> updates, int inner, int fromRow)
    {
        ShapeException.ThrowIfDifferent(updates[0].A.Columns, inner, "columns of A");
        LoraPair.ThrowIfInputsDiffer(updates);
        return ReducedRows.Of(updates, fromRow, _cells.Next());
    }
}
