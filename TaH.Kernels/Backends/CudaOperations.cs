namespace TaH.Kernels;

/// <summary>
/// CUDA: passes of few rows run each norm inside the product behind it, all products of an input in one launch. Everything else is composed, with the
/// matrix-vector products that <see cref="MatMul.Choose"/> names.
/// </summary>
internal sealed class CudaOperations(ComputeDevice device, ModelShape shape, int maxRows, int maxSampled) : IOperations
{
    private readonly ComposedOperations _composed = new(device, shape, maxRows, maxSampled);
    private readonly NormProjectQkvMatVec _normProjectQkv = new(device);
    private readonly NormGateUpMatVec _normGateUp = new(device);
    private readonly CudaReplay<(RowsKind Rows, int Variant)> _replay = new(device);

    public ComputeDevice Device => _composed.Device;

    public void RunPass(RowTable rows, int variant, Action launches)
    {
        _composed.Reserve(rows);
        // A profiler wants to see each launch.
        if (Device.Profiler is null) _replay.Run((rows.Kind, variant), launches);
        else launches();
    }

    public void Embed(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x) =>
        _composed.Embed(embedding, rows, logits, softTopK, x);

    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        WeightMatrix query = layer.Query.Weight, key = layer.Key.Weight, value = layer.Value.Weight;
        if (Fuses(rows, layer.Query, layer.Key, layer.Value) && NormProjectQkvMatVec.Takes(rows.Count, query, key, value))
            _normProjectQkv.Run(x, layer.AttentionNorm.View.BaseView, query, key, value, qkv, Norm(rows));
        else
            _composed.NormProjectQkv(x, layer, rows, qkv);
    }

    public void RotateAndStore(QkvBuffers qkv, LayerWeights layer, RowTable rows, KvLayer cache) => _composed.RotateAndStore(qkv, layer, rows, cache);

    public void Attend(QkvBuffers qkv, RowTable rows, KvLayer cache, KvPageTables tables, Floats mixed) =>
        _composed.Attend(qkv, rows, cache, tables, mixed);

    public void ProjectAdd(Floats input, Projection projection, RowTable rows, Floats x) => _composed.ProjectAdd(input, projection, rows, x);

    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Floats activated)
    {
        WeightMatrix gate = layer.Gate.Weight, up = layer.Up.Weight;
        if (Fuses(rows, layer.Gate, layer.Up) && NormGateUpMatVec.Takes(rows.Count, gate, up))
            _normGateUp.Run(x, layer.FfnNorm.View.BaseView, gate, up, activated, Norm(rows));
        else
            _composed.NormGateUp(x, layer, rows, activated);
    }

    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, Floats normed, Floats raw, LogitsState logits) =>
        _composed.NormHeadAccumulate(x, head, rows, normed, raw, logits);

    public void Decide(DeciderModel decider, IReadOnlyList<Floats> hidden, RowTable rows, LogitsState logits, Floats decisions) =>
        _composed.Decide(decider, hidden, rows, logits, decisions);

    public void Sample(LogitsState logits, ReadOnlySpan<SampleRequest> requests, Ints tokens) => _composed.Sample(logits, requests, tokens);

    public void Dispose()
    {
        _replay.Dispose();
        _composed.Dispose();
    }

    /// <summary>LoRA needs the normed x by itself, and comes before the activation.</summary>
    private static bool Fuses(RowTable rows, params ReadOnlySpan<Projection> projections)
    {
        if (rows.DeepCount == 0) return true;
        foreach (var projection in projections)
            if (projection.Lora is not null) return false;
        return true;
    }

    private RmsNormShape Norm(RowTable rows) => new(rows.Count, shape.Hidden, shape.Epsilon);
}
