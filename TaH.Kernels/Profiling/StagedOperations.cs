namespace TaH.Kernels;

/// <summary>Tells a device's profiler, while there is one, which pass, layer and stage the launches of a model's operations belong to.</summary>
/// <param name="inner">What does the work.</param>
internal sealed class StagedOperations(IOperations inner) : IOperations
{
    private int _layer = -1;
    private bool _projectedAttention;

    public ComputeDevice Device => inner.Device;

    public bool DrawsInPass => inner.DrawsInPass;

    public void BeginPass(int rows) => inner.BeginPass(rows);

    public void EndPass() => inner.EndPass();

    public void RunPass(RowTable rows, PassVariant variant, Action launches)
    {
        inner.RunPass(rows, variant, launches);
        Device.Profiler?.Release();
    }

    public void Embed(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x)
    {
        _layer = -1;
        Device.Profiler?.BeginPass(new ProfiledPass(rows.Count, rows.DeepCount, rows.HeadCount, rows.MaxVisible));
        Enter("embed");
        Device.Profiler?.Hold(); // until the pass is queued
        inner.Embed(embedding, rows, logits, softTopK, x);
    }

    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        (_layer, _projectedAttention) = (_layer + 1, false);
        Enter("norm q k v");
        inner.NormProjectQkv(x, layer, rows, qkv);
    }

    public void Attend(QkvBuffers qkv, LayerWeights layer, RowTable rows, KvLayer cache, KvPageTables tables, Activations mixed)
    {
        Enter("attend");
        inner.Attend(qkv, layer, rows, cache, tables, mixed);
    }

    public void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x, FloatBuffer? nextNorm = null)
    {
        Enter(_projectedAttention ? "down" : "out");
        _projectedAttention = true;
        inner.ProjectAdd(input, projection, rows, x, nextNorm);
    }

    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated)
    {
        Enter("norm gate up");
        inner.NormGateUp(x, layer, rows, activated);
    }

    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, Floats normed, Floats raw, HeadOutputs kept, LogitsState logits)
    {
        _layer = -1;
        Enter("head");
        inner.NormHeadAccumulate(x, head, rows, normed, raw, kept, logits);
    }

    public void Tap(Floats x, RowTable rows, Floats target)
    {
        Enter("tap");
        inner.Tap(x, rows, target);
    }

    public void Decide(DeciderModel decider, IReadOnlyList<Floats> hidden, RowTable rows, LogitsState logits, Floats decisions)
    {
        Enter("decide");
        inner.Decide(decider, hidden, rows, logits, decisions);
    }

    public SampleBatch UploadRequests(LogitsState logits, ReadOnlySpan<SampleRequest> requests) => inner.UploadRequests(logits, requests);

    public void Draw(LogitsState logits, SampleBatch batch, Ints tokens)
    {
        Enter("sample");
        inner.Draw(logits, batch, tokens);
    }

    public void Dispose() => inner.Dispose();

    private void Enter(string stage)
    {
        if (Device.Profiler is { } profiler) profiler.Place = new KernelPlace(profiler.Passes.Count - 1, _layer, stage);
    }
}
