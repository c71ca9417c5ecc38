using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Serves every operation by composing kernels that each do one thing: on any device, and on the CPU with SIMD variants.</summary>
internal sealed class ComposedOperations : IOperations
{
    private readonly ModelShape _shape;
    private readonly MatMulByRows _products;
    private readonly Lora _lora;
    private readonly RmsNorm _rmsNorm;
    private readonly RotateAndStore _rotateAndStore;
    private readonly Dictionary<DuoCausalAttentionVariant, DuoCausalAttention> _attention = [];
    private readonly Embedding _embedding;
    private readonly SwiGlu _swiGlu;
    private readonly GatherRows _gatherRows;
    private readonly LogitsSum _logitsSum;
    private readonly TopK _topK;
    private readonly Sampling _sampling;
    private readonly FloatBuffer _normed;
    private readonly FloatBuffer _gate;
    private readonly FloatBuffer _up;
    private readonly int _maxRows;
    private readonly BackendVariants _variants;
    private readonly ProductPrecision _precision;
    private (DeciderModel Model, DeciderMlp Mlp)? _decider;
    private bool _topIsThere; // for what is launched behind the decider

    public ComposedOperations(
        ComputeDevice device, ModelShape shape, int maxRows, int maxSampled, BackendVariants? variants = null,
        ProductPrecision precision = ProductPrecision.Auto, bool portableProducts = false)
    {
        (Device, _shape, _maxRows, _variants, _precision) = (device, shape, maxRows, variants ?? BackendVariants.For(device), precision);
        _products = new MatMulByRows(device, portableProducts, precision);
        _lora = new Lora(device, _products, maxRows, Math.Max(1, shape.LoraRank));
        _rmsNorm = new RmsNorm(device, _variants.RmsNorm);
        _rotateAndStore = new RotateAndStore(device, _variants.RotateAndStore);
        Rope = new RopeTable(device, shape.HeadDim, shape.RopeTheta);
        _embedding = new Embedding(device, _variants.Embedding);
        _swiGlu = new SwiGlu(device, _variants.SwiGlu);
        _gatherRows = new GatherRows(device, _variants.GatherRows);
        _logitsSum = new LogitsSum(device, _variants.LogitsSum);
        _topK = new TopK(device, _variants.TopK);
        _sampling = new Sampling(device, _variants.Sampling, maxSampled, shape.Vocab);
        _normed = device.AllocateFloats((long)maxRows * shape.Hidden);
        _gate = device.AllocateFloats((long)maxRows * shape.Ffn);
        _up = device.AllocateFloats((long)maxRows * shape.Ffn);
    }

    public ComputeDevice Device { get; }

    public bool DrawsInPass => false;

    /// <summary>The angles of the rotary embedding, for whoever else rotates.</summary>
    public RopeTable Rope { get; }

    private Floats Normed => _normed.View.BaseView;

    public void BeginPass(int rows)
    {
    }

    public void EndPass()
    {
    }

    public void RunPass(RowTable rows, PassVariant variant, Action launches)
    {
        Reserve(rows);
        launches();
    }

    /// <summary>Makes room for what a pass needs and launches know by address.</summary>
    public void Reserve(RowTable rows) => Rope.Reserve(rows.MaxPosition + 1);

    public void Embed(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x) =>
        _embedding.Run(embedding, rows, logits, softTopK, x);

    public void NormProjectQkv(Floats x, LayerWeights layer, RowTable rows, QkvBuffers qkv)
    {
        Norm(x, layer.AttentionNorm, rows, Normed);
        Project(Normed, layer.Query, rows, qkv.Query);
        Project(Normed, layer.Key, rows, qkv.Key);
        Project(Normed, layer.Value, rows, qkv.Value);
    }

    public void Attend(QkvBuffers qkv, LayerWeights layer, RowTable rows, KvLayer cache, KvPageTables tables, Activations mixed)
    {
        _rotateAndStore.Run(
            qkv, layer.QueryNorm.View.BaseView, layer.KeyNorm.View.BaseView, Rope, rows, cache,
            new RotateAndStoreShape(rows.Count, _shape.Heads, _shape.KvHeads, _shape.HeadDim, _shape.Epsilon));
        var variant = BackendVariants.Attention(Device, rows);
        if (!_attention.TryGetValue(variant, out var attention)) _attention[variant] = attention = new DuoCausalAttention(Device, variant);
        attention.Run(qkv.Query, rows, cache, tables, mixed.FillSingles(), AttentionShape(rows, cache, tables));
    }

    public void ProjectAdd(Activations input, Projection projection, RowTable rows, Floats x, FloatBuffer? nextNorm = null) =>
        Project(input.Singles, projection, rows, x, accumulate: true);

    public void NormGateUp(Floats x, LayerWeights layer, RowTable rows, Activations activated)
    {
        Norm(x, layer.FfnNorm, rows, Normed);
        Project(Normed, layer.Gate, rows, _gate.View.BaseView);
        Project(Normed, layer.Up, rows, _up.View.BaseView);
        _swiGlu.Run(_gate.View.BaseView, _up.View.BaseView, activated.FillSingles(), new SwiGluShape(rows.Count, _shape.Ffn));
    }

    public void NormHeadAccumulate(Floats x, HeadWeights head, RowTable rows, Floats normed, Floats raw, HeadOutputs kept, LogitsState logits)
    {
        Norm(x, head.Norm, rows, normed);
        if (rows.HeadCount == 0) return;
        _gatherRows.Run(normed, rows, Normed, _shape.Hidden);
        Product(Normed, head.Head, raw, rows.HeadCount);
        _logitsSum.Run(raw, rows, logits);
        TakeLargest(rows, logits);
    }

    /// <summary>The largest accumulated logits, which whatever wrote the sums has prepared as the variant of top-k asks for.</summary>
    internal void TakeLargest(RowTable rows, LogitsState logits)
    {
        _topK.Run(rows, logits);
        _topIsThere = false;
    }

    /// <summary>RMSNorm of every row of a pass.</summary>
    internal void Norm(Floats x, FloatBuffer weight, RowTable rows, Floats normed) =>
        _rmsNorm.Run(x, weight.View.BaseView, normed, new RmsNormShape(rows.Count, _shape.Hidden, _shape.Epsilon));

    public void Tap(Floats x, RowTable rows, Floats target)
    {
        var length = (long)rows.Count * _shape.Hidden;
        if (length == 0) return;
        using var _ = Device.Profile("Tap", "Copy", new KernelWork(2 * length * sizeof(float), 0, rows.Count, _shape.Hidden));
        x.SubView(0, length).CopyTo(Device.Accelerator.DefaultStream, target.SubView(0, length));
    }

    public void Decide(DeciderModel decider, IReadOnlyList<Floats> hidden, RowTable rows, LogitsState logits, Floats decisions)
    {
        _topIsThere = DeciderFor(decider).Run(hidden, rows.HeadRows, rows.Slots, logits.TopValues, logits.TopK, rows.HeadCount, decisions);
    }

    public SampleBatch UploadRequests(LogitsState logits, ReadOnlySpan<SampleRequest> requests) => _sampling.Upload(logits, requests);

    public void Draw(LogitsState logits, SampleBatch batch, Ints tokens) =>
        _sampling.Draw(logits, batch, tokens, _topIsThere);

    /// <summary>The sizes of attention for a pass.</summary>
    public DuoCausalAttentionShape AttentionShape(RowTable rows, KvLayer cache, KvPageTables tables) =>
        new(rows.Count, _shape.Heads, _shape.KvHeads, _shape.HeadDim, cache.Shape.PageSize, rows.Depths, tables.MaxPages);

    public void Dispose()
    {
        foreach (var attention in _attention.Values) attention.Dispose();
        foreach (var owned in new IDisposable[] { _products, _lora, Rope, _sampling, _normed, _gate, _up }) owned.Dispose();
        _decider?.Mlp.Dispose();
    }

    private DeciderMlp DeciderFor(DeciderModel model)
    {
        if (_decider is { } prepared)
        {
            if (ReferenceEquals(prepared.Model, model)) return prepared.Mlp;
            Device.ReplaceMemory(); // its activations may still be in use
            prepared.Mlp.Dispose();
            _decider = null;
        }
        var mlp = new DeciderMlp(Device, model, _maxRows, _variants.Decider, _precision);
        _decider = (model, mlp);
        return mlp;
    }

    private void Project(Floats input, Projection projection, RowTable rows, Floats output, bool accumulate = false)
    {
        Product(input, projection.Weight, output, rows.Count, accumulate);
        if (projection.Lora is { } lora) _lora.Run(input, lora, output, rows.DeepFrom, rows.DeepCount);
    }

    private void Product(Floats x, WeightMatrix weight, Floats y, int rows, bool accumulate = false) =>
        _products.For(rows, weight).Run(x, weight, y, new MatMulShape(rows, weight.Columns, weight.Rows, Accumulate: accumulate));
}
