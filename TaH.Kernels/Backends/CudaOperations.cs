namespace TaH.Kernels;

/// <summary>
/// CUDA: passes of few rows run each norm inside the product behind it, all products of an input in one launch; passes of more rows go to tensor
/// cores, up to some count of rows with the weights streamed; rows that do not see each other have one launch for all of attention, others on Hopper
/// two. Everything else is composed, with the products that <see cref="MatMul.Choose"/> names.
/// </summary>
internal sealed class CudaOperations(ComputeDevice device, ModelShape shape, int maxRows, int maxSampled,
    ProductPrecision precision = ProductPrecision.Auto)
    : IOperations
{
    private readonly ComposedOperations _composed = new(device, shape, maxRows, maxSampled, BackendVariants.For(device).WithCuda(), precision);
    private readonly NormProjectQkvMatVec _normProjectQkv = new(device);
    private readonly NormGateUpMatVec _normGateUp = new(device);
    private readonly LoraMatVec _lora = new(device, Math.Max(1, shape.LoraRank));
    private readonly WeightTilesOperations? _tiles = precision == ProductPrecision.Auto && WeightTilesChoice.Serves(device) ? new(device) : null;
    private readonly BatchOperations? _batch =
        precision == ProductPrecision.Auto && BatchOperations.Serves(device) ? new BatchOperations(device, shape) : null;
    private readonly DuoCausalAttentionSplitDecode _splitDecode = new(device);
    private readonly DuoCausalAttentionTileDecode? _tileDecode = DuoCausalAttentionTileDecode.Serves(device) && precision == ProductPrecision.Auto
        ? new DuoCausalAttentionTileDecode(device) : null;
    private readonly DuoCausalAttentionFlash? _flash = DuoCausalAttentionFlash.Serves(device, precision) && shape.HeadDim == FlashKernel.HeadDim
        ? new DuoCausalAttentionFlash(device, maxRows, shape.Heads) : null;
    private readonly CudaManyRows? _manyRows =
        MatMul.ForTensorCores(device, precision) is { } variant ? new CudaManyRows(device, variant, shape, maxRows) : null;
    private readonly NormHeadAccumulateMatVec _normHead = new(device);
    private readonly TapCudaQuads _tap = new(device);
    private readonly CudaReplay<(RowsKind Rows, PassVariant Variant)> _replay = new(device);

    private readonly HostLetter? _letter = device.Letter ??= HostLetter.For(device);
    private Action? _queue;
    private Action? _launches;

    public ComputeDevice Device => _composed.Device;

    public bool DrawsInPass => true;

    public void BeginPass(int rows) => _letter?.Open(rows);

    public void RunPass(RowTable rows, PassVariant variant, Action launches)
    {
        _composed.Reserve(rows);
        _letter?.Open(rows.Count);
        _letter?.Send();
        _launches = launches;
        // A profiler wants to see each launch.
        if (Device.Profiler is null) _replay.Run((rows.Kind, variant), _queue ??= Queue);
        else Queue();
    }

    public void EndPass()
    {
        if (_letter is not { IsOpen: true }) return;
        _letter.Send();
        _letter.QueueDelivery();
    }

    public void Embed(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x)
    {
        _batch?.StreamChanged();
        if (rows.DeepCount > 0 && shape.LoraRank > 0) _lora.BeginPass();
        _composed.Embed(embedding, rows, logits, softTopK, x);
    }

    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        WeightMatrix query = layer.Query.Weight, key = layer.Key.Weight, value = layer.Value.Weight;
        if (Fuses(rows, layer.Query, layer.Key, layer.Value) && NormProjectQkvMatVec.Takes(rows.Count, query, key, value))
            _normProjectQkv.Run(x, layer.AttentionNorm.View.BaseView, query, key, value, qkv, Norm(rows));
        else if (rows.DeepCount > 0 && _lora.Takes(rows.Count, layer.Query, layer.Key, layer.Value))
            _lora.NormProjectQkv(x, layer, qkv, Norm(rows), rows.DeepFrom);
        else if (_batch is not null && BatchOperations.Takes(rows, layer.Query, layer.Key, layer.Value))
            _batch.NormProjectQkv(x, layer, rows, qkv);
        else if (_tiles is not null && WeightTilesOperations.Takes(rows, layer.Query, layer.Key, layer.Value))
            _tiles.NormProjectQkv(x, layer, qkv, Norm(rows), rows.DeepFrom);
        else if (_manyRows is not null && CudaManyRows.Takes(rows, layer.Query, layer.Key, layer.Value))
            _manyRows.NormProjectQkv(x, layer, rows, qkv);
        else
            _composed.NormProjectQkv(x, layer, rows, qkv);
    }

    public void Attend(QkvBuffers qkv, LayerWeights layer, RowTable rows, KvLayer cache, KvPageTables tables, Activations mixed)
    {
        var attention = _composed.AttentionShape(rows, cache, tables);
        var forBatch = _batch is not null && mixed.Reader == ElementType.Bf16 && BatchOperations.Takes(rows, layer.Output);
        if (_tileDecode is not null && _tileDecode.Suits(rows, cache.Shape, attention))
            _tileDecode.Run(
                qkv, layer.QueryNorm.View.BaseView, layer.KeyNorm.View.BaseView, _composed.Rope, rows, cache, tables,
                mixed.MemoryToFill(forBatch), attention, shape.Epsilon, narrow: forBatch);
        else if (DuoCausalAttentionSplitDecode.Takes(rows, attention))
            _splitDecode.Run(
                qkv, layer.QueryNorm.View.BaseView, layer.KeyNorm.View.BaseView, _composed.Rope, rows, cache, tables,
                mixed.MemoryToFill(forBatch), attention, shape.Epsilon, narrow: forBatch);
        else if (_flash is not null && DuoCausalAttentionFlash.Takes(rows, cache.Shape, attention))
            _flash.Run(
                qkv, layer.QueryNorm.View.BaseView, layer.KeyNorm.View.BaseView, _composed.Rope, rows, cache, tables, mixed, attention, shape.Epsilon,
                narrow: forBatch || (mixed.Reader == ElementType.Bf16 && _manyRows is not null && CudaManyRows.Takes(rows, layer.Output)));
        else
            _composed.Attend(qkv, layer, rows, cache, tables, mixed);
    }

    public void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x, FloatBuffer? nextNorm = null)
    {
        if (_batch is not null && BatchOperations.Takes(rows, projection))
        {
            _batch.ProjectAdd(input, projection, rows, x, nextNorm);
            return;
        }
        _batch?.StreamChanged();
        var deep = rows.DeepCount > 0 && projection.Lora is not null;
        if (deep && _lora.Takes(rows.Count, projection)) _lora.ProjectAdd(input.Singles, projection, x, rows.Count, rows.DeepFrom);
        else if (_tiles is not null && input.Type == ElementType.F32 && WeightTilesOperations.Takes(rows, projection))
            _tiles.ProjectAdd(input.Singles, projection, x, rows.Count, rows.DeepFrom);
        else if (_manyRows is not null && CudaManyRows.Takes(rows, projection)) _manyRows.ProjectAdd(input, projection, rows, x);
        else _composed.ProjectAdd(input, projection, rows, x);
    }

    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated)
    {
        WeightMatrix gate = layer.Gate.Weight, up = layer.Up.Weight;
        if (Fuses(rows, layer.Gate, layer.Up) && NormGateUpMatVec.Takes(rows.Count, gate, up))
            _normGateUp.Run(x, layer.FfnNorm.View.BaseView, gate, up, activated.FillSingles(), Norm(rows));
        else if (rows.DeepCount > 0 && _lora.Takes(rows.Count, layer.Gate, layer.Up))
            _lora.NormGateUp(x, layer, activated.FillSingles(), Norm(rows), rows.DeepFrom);
        else if (_batch is not null && activated.Reader == ElementType.Bf16 && BatchOperations.Takes(rows, layer.Gate, layer.Up, layer.Down))
            _batch.NormGateUp(x, layer, rows, activated);
        else if (_tiles is not null && WeightTilesOperations.Takes(rows, layer.Gate, layer.Up))
            _tiles.NormGateUp(x, layer, activated.FillSingles(), Norm(rows), rows.DeepFrom);
        else if (_manyRows is not null && activated.Reader == ElementType.Bf16 && CudaManyRows.Takes(rows, layer.Gate, layer.Up, layer.Down))
            _manyRows.NormGateUp(x, layer, rows, activated);
        else
            _composed.NormGateUp(x, layer, rows, activated);
    }

    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, Floats normed, Floats raw, HeadOutputs kept, LogitsState logits)
    {
        if (_batch is not null && !kept.HasFlag(HeadOutputs.Raw) && BatchOperations.Takes(rows, head.Head))
        {
            if (kept.HasFlag(HeadOutputs.Normed)) _composed.Norm(x, head.Norm, rows, normed);
            _batch.NormHeadAccumulate(x, head, rows, logits);
            _composed.TakeLargest(rows, logits);
            return;
        }
        if (!NormHeadAccumulateMatVec.Takes(rows))
        {
            _composed.NormHeadAccumulate(x, head, rows, normed, raw, kept, logits);
            return;
        }
        if (kept.HasFlag(HeadOutputs.Normed)) _composed.Norm(x, head.Norm, rows, normed);
        _normHead.Run(x, head.Norm.View.BaseView, head.Head, rows, raw, kept.HasFlag(HeadOutputs.Raw), logits, shape.Epsilon);
        _composed.TakeLargest(rows, logits);
    }

    public void Tap(Floats x, RowTable rows, Floats target) => _tap.Run(x, target, (long)rows.Count * shape.Hidden);

    public void Decide(DeciderModel decider, IReadOnlyList<Floats> hidden, RowTable rows, LogitsState logits, Floats decisions) =>
        _composed.Decide(decider, hidden, rows, logits, decisions);

    public SampleBatch UploadRequests(LogitsState logits, ReadOnlySpan<SampleRequest> requests) => _composed.UploadRequests(logits, requests);

    public void Draw(LogitsState logits, SampleBatch batch, Ints tokens) => _composed.Draw(logits, batch, tokens);

    public void Dispose()
    {
        _replay.Dispose();
        _composed.Dispose();
        _tiles?.Dispose();
        _batch?.Dispose();
        _lora.Dispose();
        _splitDecode.Dispose();
        _flash?.Dispose();
        _manyRows?.Dispose();
    }

    private void Queue()
    {
        _letter?.QueueDelivery();
        _launches!();
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
