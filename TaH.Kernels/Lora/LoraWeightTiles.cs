namespace TaH.Kernels;

/// <summary>
/// CUDA, up to 256 rows, some of them deep: an operation's products with their low-rank updates. The rows are packed once; one launch makes the
/// reduced inputs of all updates that meet them, and the product takes those as one more chunk of columns, its weights the rows of B.
/// </summary>
/// <param name="device">A device that <see cref="WeightTilesChoice.Serves"/> says yes to.</param>
/// <param name="tokens">Where x is packed.</param>
internal sealed class LoraWeightTiles(ComputeDevice device, TokenPacker tokens)
{
    private readonly WeightTilesLaunches<ReducedTokens> _reduce = new(device, tokens, WeightTilesChoice.Warpgroups(device));
    private readonly WeightTilesLaunches<ThreeProjections, ProjectionUpdates> _qkv = new(device, tokens, WeightTilesChoice.Warpgroups(device));
    private readonly WeightTilesLaunches<ProjectedRows, ProjectionUpdates> _project = new(device, tokens, WeightTilesChoice.Warpgroups(device));
    private readonly WeightTilesLaunches<GatedRows, GatedUpdates> _gateUp = new(device, tokens, WeightTilesChoice.Warpgroups(device));

    /// <summary>
    /// Whether the kernels take a pass and projections that share their input: each has an update, all of one rank of whole octets that fit a chunk,
    /// all bfloat16.
    /// </summary>
    public static bool Takes(int rows, params ReadOnlySpan<Projection> projections)
    {
        if (projections[0].Lora is not { A.Rows: var rank } || rank % MatVecTask.Octet != 0 || rank * projections.Length > WeightChunk.Columns)
            return false;
        foreach (var projection in projections)
        {
            if (!WeightTilesChoice.Takes(rows, projection.Weight) || projection.Lora is not { } pair || pair.A.Rows != rank) return false;
            if (pair.A.Type != ElementType.Bf16 || pair.B.Type != ElementType.Bf16) return false;
        }
        return true;
    }

    /// <summary>As <see cref="NormProjectQkvWeightTiles.Run"/>, with the updates of the rows from <paramref name="fromRow"/> on.</summary>
    public void NormProjectQkv(Floats x, LayerWeights layer, QkvBuffers qkv, RmsNormShape shape, int fromRow)
    {
        WeightMatrix query = layer.Query.Weight, key = layer.Key.Weight, value = layer.Value.Weight;
        Floats gain = layer.AttentionNorm.View;
        var projections = ThreeProjections.Of(x, gain, query, key, value, qkv, shape);
        ReadOnlySpan<LoraPair> updates = [layer.Query.Lora!, layer.Key.Lora!, layer.Value.Lora!];
        using var _ = device.Profile("NormProjectQkv", "WeightTiles, LoRA", projections.Work(query.Type, shape));
        var packing = Reduce(x, gain, updates, shape.Rows, fromRow);
        _qkv.Run(shape.Epsilon, projections, projections.Pairs, packing, ProjectionUpdates.Of(updates));
    }

    /// <summary>y += projection(x), with the update of the rows from <paramref name="fromRow"/> on.</summary>
    public void ProjectAdd(Floats x, Projection projection, Floats y, int rows, int fromRow)
    {
        var weight = projection.Weight;
        var projected = ProjectedRows.Adding(weight, x, y, rows);
        ReadOnlySpan<LoraPair> updates = [projection.Lora!];
        using var _ = device.Profile("ProjectAdd", "WeightTiles, LoRA", projected.Work(weight.Type));
        var packing = Reduce(x, gain: null, updates, rows, fromRow);
        _project.Run(epsilon: null, projected, projected.Pairs, packing, ProjectionUpdates.Of(updates));
    }

    /// <summary>As <see cref="NormGateUpWeightTiles.Run"/>, with the updates of the rows from <paramref name="fromRow"/> on.</summary>
    public void NormGateUp(Floats x, LayerWeights layer, Floats activated, RmsNormShape shape, int fromRow)
    {
        WeightMatrix gate = layer.Gate.Weight, up = layer.Up.Weight;
        Floats gain = layer.FfnNorm.View;
        var gated = GatedRows.Of(x, gain, gate, up, activated, shape);
        ReadOnlySpan<LoraPair> updates = [layer.Gate.Lora!, layer.Up.Lora!];
        using var _ = device.Profile("NormGateUp", "WeightTiles, LoRA", gated.Work(gate.Type, shape));
        var packing = Reduce(x, gain, updates, shape.Rows, fromRow);
        _gateUp.Run(
            shape.Epsilon, gated, gate.Rows, packing, new GatedUpdates(updates[0].B.Address, updates[1].B.Address, updates[0].A.Rows));
    }

    /// <summary>Packs x and makes x A^T of every update, times its scale. A norm's scale is left to the product, which puts it on both.</summary>
    private PackedTokensTask Reduce(Floats x, Floats? gain, ReadOnlySpan<LoraPair> updates, int rows, int fromRow)
    {
        LoraPair.ThrowIfInputsDiffer(updates);
        var packing = tokens.Task(rows, updates[0].A.Columns, normalize: gain is not null);
        tokens.Run(x, gain, packing);
        _reduce.Run(epsilon: null, ReducedTokens.Of(updates, fromRow, tokens.Reduced, packing), ReducedTokens.Pairs, packing, default);
        return packing;
    }
}
