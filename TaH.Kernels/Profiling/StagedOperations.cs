namespace TaH.Kernels;

/// <summary>Tells a device's profiler, while there is one, which pass, layer and stage the launches of a model's operations belong to.</summary>
/// <param name="inner">What does the work.</param>
internal sealed class StagedOperations(IOperations inner) : IOperations
{
    private int _layer = -1;
    private bool _projectedAttention;

    public ComputeDevice Device => inner.Device;

    public void RunPass(RowTable rows, int variant, Action launches) => inner.RunPass(rows, variant, launches);

    public void Embed(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x)
    {
        _layer = -1;
        Device.Profiler?.BeginPass(new ProfiledPass(rows.Count, rows.DeepCount, rows.HeadCount, rows.MaxVisible));
        Enter("embed");
        inner.Embed(embedding, rows, logits, softTopK, x);
    }

    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        (_layer, _projectedAttention) = (_layer + 1, false);
        Enter("norm q k v");
        inner.NormProjectQkv(x, layer, rows, qkv);
    }

    public void RotateAndStore(QkvBuffers qkv, LayerWeights layer, RowTable rows, KvLayer cache)
    {
        Enter("rotate, store");
        inner.RotateAndStore(qkv, layer, rows, cache);
    }

    public void Attend(QkvBuffers qkv, RowTable rows, KvLayer cache, KvPageTables tables, Floats mixed)
    {
        Enter("attend");
        inner.Attend(qkv, rows, cache, tables, mixed);
    }

    public void ProjectAdd(Floats input, Projection projection, RowTable rows, Floats x)
    {
        Enter(_projectedAttention ? "down" : "out");
        _projectedAttention = true;
        inner.ProjectAdd(input, projection, rows, x);
    }

    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Floats activated)
    {
        Enter("norm gate up");
        inner.NormGateUp(x, layer, rows, activated);
    }

    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, Floats normed, Floats raw, LogitsState logits)
    {
        _layer = -1;
        Enter("head");
        inner.NormHeadAccumulate(x, head, rows, normed, raw, logits);
    }

    public void Decide(DeciderModel decider, IReadOnlyList<Floats> hidden, RowTable rows, LogitsState logits, Floats decisions)
    {
        Enter("decide");
        inner.Decide(decider, hidden, rows, logits, decisions);
    }

    public void Sample(LogitsState logits, ReadOnlySpan<SampleRequest> requests, Ints tokens)
    {
        Enter("sample");
        inner.Sample(logits, requests, tokens);
    }

    public void Dispose() => inner.Dispose();

    private void Enter(string stage)
    {
        if (Device.Profiler is { } profiler) profiler.Place = new KernelPlace(profiler.Passes.Count - 1, _layer, stage);
    }
}
