namespace TaH.Engine;

/// <summary>
/// One pass of rows through all layers: the whole model in the vocabulary of <see cref="IOperations"/>. Prefill is many rows of depth 0, decoding is
/// one, the latent pass is rows of depth 1; they mix freely.
/// </summary>
internal sealed class ForwardPass : IDisposable
{
    private readonly ModelWeights _weights;
    private readonly IOperations _operations;
    private readonly KvGrid _grid;
    private readonly int _softTopK;
    private readonly FloatBuffer _x;
    private readonly FloatBuffer _query;
    private readonly FloatBuffer _key;
    private readonly FloatBuffer _value;
    private readonly Activations _mixed;
    private readonly Activations _activated;
    private readonly FloatBuffer _normed;
    private readonly FloatBuffer _raw;
    private readonly FloatBuffer _decisions;
    private readonly Dictionary<int, FloatBuffer> _taps;
    private readonly HeadOutputs _kept;
    private readonly Floats[] _deciderInputs;
    private readonly Action _layers;
    private readonly Action _layersAndDecider;

    /// <summary>Sizes every buffer.</summary>
    /// <param name="weights">The model.</param>
    /// <param name="operations">The device's operations.</param>
    /// <param name="grid">Keys and values.</param>
    /// <param name="maxRows">Rows of the largest pass.</param>
    /// <param name="softTopK">Logits that the soft embedding mixes.</param>
    /// <param name="tapped">Hidden states to keep beside those that the decider reads; see <see cref="ModelWeights.DeciderLayers"/>.</param>
    /// <param name="keepsRaw">Whether <see cref="RawLogits"/> is read.</param>
    public ForwardPass(
        ModelWeights weights, IOperations operations, KvGrid grid, int maxRows, int softTopK, IEnumerable<int> tapped, bool keepsRaw)
    {
        (_weights, _operations, _grid, _softTopK) = (weights, operations, grid, softTopK);
        var (device, shape) = (operations.Device, weights.Shape);
        FloatBuffer Rows(int width) => device.AllocateFloats((long)maxRows * width);
        Table = new RowTable(device, maxRows, grid.Shape.Depths);
        Logits = new LogitsState(device, maxRows, shape.Vocab, Math.Max(softTopK, weights.Decider?.TopK ?? 1));
        _x = Rows(shape.Hidden);
        _query = Rows(shape.Heads * shape.HeadDim);
        _key = Rows(shape.KvHeads * shape.HeadDim);
        _value = Rows(shape.KvHeads * shape.HeadDim);
        _mixed = new Activations(device, maxRows, shape.Heads * shape.HeadDim, Reader(layer => layer.Output));
        _activated = new Activations(device, maxRows, shape.Ffn, Reader(layer => layer.Down));
        _normed = Rows(shape.Hidden);
        _raw = Rows(shape.Vocab);
        _decisions = Rows(1);
        _taps = weights.DeciderLayers.Concat(tapped).Distinct().ToDictionary(index => index, _ => Rows(shape.Hidden));
        _kept = (keepsRaw ? HeadOutputs.Raw : HeadOutputs.None) | (_taps.ContainsKey(shape.Layers) ? HeadOutputs.Normed : HeadOutputs.None);
        _deciderInputs = [.. weights.DeciderLayers.Select(Hidden)];
        (_layers, _layersAndDecider) = (RunLayers, RunLayersAndDecider);
    }

    /// <summary>The rows of the pass in hand.</summary>
    public RowTable Table { get; }

    /// <summary>Accumulated logits of every position in flight.</summary>
    public LogitsState Logits { get; }

    /// <summary>This pass's own logits, [head rows, vocab], if they are kept.</summary>
    public Floats RawLogits => _raw.View.BaseView;

    /// <summary>A hidden state that was asked for, [rows, hidden].</summary>
    public Floats Hidden(int index) => _taps[index].View.BaseView;

    /// <summary>Runs rows through the model. Their grid entries must exist.</summary>
    /// <param name="rows">Sorted by depth.</param>
    /// <param name="visible">[rows, depths]; see <see cref="RowTable.Visible"/>.</param>
    /// <param name="decide">Whether the decider looks at the rows that want logits; its answers are read by <see cref="ReadDecisions"/>.</param>
    public void Run(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible, bool decide)
    {
        _grid.Flush();
        Table.Upload(rows, visible);
        _operations.RunPass(Table, variant: decide ? 1 : 0, decide ? _layersAndDecider : _layers);
    }

    /// <summary>Waits for the decider's answers.</summary>
    /// <param name="logits">[head rows], written: one decision logit each.</param>
    public void ReadDecisions(Span<float> logits) => _operations.Device.Download(_decisions.View.BaseView, logits);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in new IDisposable[] { _x, _query, _key, _value, _mixed, _activated, _normed, _raw, _decisions }) buffer.Dispose();
        foreach (var tap in _taps.Values) tap.Dispose();
        Table.Dispose();
        Logits.Dispose();
    }

    private void RunLayersAndDecider()
    {
        RunLayers();
        _operations.Decide(_weights.Decider!, _deciderInputs, Table, Logits, _decisions.View.BaseView);
    }

    private void RunLayers()
    {
        var x = _x.View.BaseView;
        var qkv = new QkvBuffers(_query.View.BaseView, _key.View.BaseView, _value.View.BaseView);
        _operations.Embed(_weights.Embedding, Table, Logits, _softTopK, x);
        Tap(0, x);
        for (var i = 0; i < _weights.Layers.Count; i++)
        {
            var (layer, cache) = (_weights.Layers[i], _grid.Pool.Layer(i));
            _operations.NormProjectQkv(x, layer, Table, qkv);
            _operations.Attend(qkv, layer, Table, cache, _grid.Tables, _mixed);
            _operations.ProjectAdd(_mixed, layer.Output, Table, x);
            _operations.NormGateUp(x, layer, Table, _activated);
            _operations.ProjectAdd(_activated, layer.Down, Table, x);
            if (i + 1 < _weights.Layers.Count) Tap(i + 1, x);
        }
        _operations.NormHeadAccumulate(x, _weights.Head, Table, _normed.View.BaseView, RawLogits, _kept, Logits);
        Tap(_weights.Layers.Count, _normed.View.BaseView);
    }

    /// <summary>The type of a projection's weights, if it is the same in every layer; else f32, which every weight reads.</summary>
    private ElementType Reader(Func<LayerWeights, Projection> projection)
    {
        ElementType[] types = [.. _weights.Layers.Select(layer => projection(layer).Weight.Type).Distinct()];
        return types is [var type] ? type : ElementType.F32;
    }

    private void Tap(int index, Floats x)
    {
        if (_taps.TryGetValue(index, out var tap)) _operations.Tap(x, Table, tap.View.BaseView);
    }
}
