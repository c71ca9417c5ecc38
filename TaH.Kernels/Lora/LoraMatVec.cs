namespace TaH.Kernels;

/// <summary>
/// CUDA, few rows, some of them deep: an operation's products with their low-rank updates in two launches. The first makes the reduced inputs of all
/// updates that meet the same x; the second is the product, in which every warp adds its rows of B to its sums. So an update costs little more than
/// its bytes.
/// </summary>
internal sealed class LoraMatVec : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly FloatBuffer _reduced; // [rows, 3 * rank]
    private readonly int _maxRank;
    private readonly MatVecLaunches<ReducedRows> _reduce;
    private readonly MatVecLaunches<ThreeProjections, ProjectionUpdates> _qkv;
    private readonly MatVecLaunches<ProjectedRows, ProjectionUpdates> _project;
    private readonly MatVecLaunches<GatedRows, GatedUpdates> _gateUp;

    /// <summary>Allocates the reduced inputs.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    /// <param name="maxRank">The largest rank of an update.</param>
    public LoraMatVec(ComputeDevice device, int maxRank)
    {
        (_device, _maxRank) = (device, maxRank);
        _reduced = device.AllocateFloats(3L * MatVec.MaxRows * maxRank);
        (_reduce, _qkv, _project, _gateUp) = (new(device), new(device), new(device), new(device));
    }

    /// <summary>Whether the kernels take a pass and projections that share their input: each has an update, all of one rank and type.</summary>
    public bool Takes(int rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows is <= 0 or > MatVec.MaxRows || projections[0].Lora is not { } first || first.A.Rows > _maxRank) return false;
        foreach (var projection in projections)
        {
            if (projection.Lora is not { } pair || pair.A.Rows != first.A.Rows || pair.A.Type != first.A.Type) return false;
            if (projection.Weight.Type != projections[0].Weight.Type || pair.B.Type != projection.Weight.Type) return false;
        }
        return true;
    }

    /// <summary>As <see cref="NormProjectQkvMatVec.Run"/>, with the updates of the rows from <paramref name="fromRow"/> on.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, QkvBuffers qkv, RmsNormShape shape, int fromRow)
    {
        WeightMatrix query = layer.Query.Weight, key = layer.Key.Weight, value = layer.Value.Weight;
        Floats gain = layer.AttentionNorm.View;
        var projections = ThreeProjections.Of(x, gain, query, key, value, qkv, shape);
        ReadOnlySpan<LoraPair> updates = [layer.Query.Lora!, layer.Key.Lora!, layer.Value.Lora!];
        using var _ = _device.Profile("NormProjectQkv", "MatVec, LoRA", projections.Work(query.Type, shape));
        var norm = new MatVecNorm(gain, shape.Epsilon);
        Reduce(x, norm, updates, shape.Rows, fromRow);
        _qkv.Run(
            x, norm, query.Type, projections, projections.Pairs, shape.Rows, shape.Hidden, ProjectionUpdates.Of(updates), _reduced.View);
    }

    /// <summary>y += projection(x), with the update of the rows from <paramref name="fromRow"/> on.</summary>
    public void ProjectAdd(Floats x, Projection projection, Floats y, int rows, int fromRow)
    {
        var weight = projection.Weight;
        var projected = ProjectedRows.Adding(weight, x, y, rows);
        ReadOnlySpan<LoraPair> updates = [projection.Lora!];
        using var _ = _device.Profile("ProjectAdd", "MatVec, LoRA", projected.Work(weight.Type));
        Reduce(x, norm: null, updates, rows, fromRow);
        _project.Run(
            x, norm: null, weight.Type, projected, projected.Pairs, rows, weight.Columns, ProjectionUpdates.Of(updates), _reduced.View);
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
        Reduce(x, norm, updates, shape.Rows, fromRow);
        var addresses = new GatedUpdates(updates[0].B.Address, updates[1].B.Address, updates[0].A.Rows);
        _gateUp.Run(x, norm, gate.Type, gated, gate.Rows, shape.Rows, shape.Hidden, addresses, _reduced.View);
    }

    /// <inheritdoc/>
    public void Dispose() => _reduced.Dispose();

    /// <summary>
    /// x A^T of every update, times its scale. Of a norm it has the gain only: the product behind scales each row, and the update with it.
    /// </summary>
    private void Reduce(Floats x, MatVecNorm? norm, ReadOnlySpan<LoraPair> updates, int rows, int fromRow)
    {
        LoraPair.ThrowIfInputsDiffer(updates);
        var reduced = ReducedRows.Of(updates, fromRow, _reduced.View);
        var gainOnly = norm is { } whole ? whole with { GainOnly = true } : norm;
        _reduce.Run(x, gainOnly, updates[0].A.Type, reduced, reduced.Pairs, rows, updates[0].A.Columns);
    }
}
