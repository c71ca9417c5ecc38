using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>
/// One pass of rows through all layers: the whole model in the vocabulary of <see cref="IOperations"/>. Prefill is many rows of depth 0, decoding is
/// one, the latent pass is rows of depth 1; they mix freely.
/// </summary>
internal sealed class ForwardPass : IDisposable
{
    // More than top-k settings usually keep: a draw from the largest logits need not look at the others.
    private const int LeastTopK = 64;

    // A slot has the logits of a whole vocabulary, twice: more of them would take more memory than a small model. The CPU gains nothing by more.
    private const int MostSlots = 256;
    private const int MostSlotsOnCpu = 64;

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
    private readonly PassResults _results;
    private readonly Dictionary<int, FloatBuffer> _taps;
    private readonly HeadOutputs _kept;
    private readonly Floats[] _deciderInputs;
    private readonly Action _launches;
    private readonly FloatBuffer? _noLogits; // [vocab] zeros, where logits do not add up
    private PassVariant _variant;

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
        var slots = Math.Min(maxRows, Math.Max(device.Kind == DeviceKind.Cpu ? MostSlotsOnCpu : MostSlots, grid.Tables.Sequences));
        var read = Math.Max(softTopK, weights.Decider?.TopK ?? 1);
        Logits = new LogitsState(device, slots, shape.Vocab, Math.Max(read, Math.Min(LeastTopK, shape.Vocab)));
        _x = Rows(shape.Hidden);
        _query = Rows(shape.Heads * shape.HeadDim);
        _key = Rows(shape.KvHeads * shape.HeadDim);
        _value = Rows(shape.KvHeads * shape.HeadDim);
        _mixed = new Activations(device, maxRows, shape.Heads * shape.HeadDim, Reader(layer => layer.Output));
        _activated = new Activations(device, maxRows, shape.Ffn, Reader(layer => layer.Down));
        _normed = Rows(shape.Hidden);
        _raw = device.AllocateFloats((long)slots * shape.Vocab);
        _results = new PassResults(device, slots);
        _taps = weights.DeciderLayers.Concat(tapped).Distinct().ToDictionary(index => index, _ => Rows(shape.Hidden));
        _kept = (keepsRaw ? HeadOutputs.Raw : HeadOutputs.None) | (_taps.ContainsKey(shape.Layers) ? HeadOutputs.Normed : HeadOutputs.None);
        _deciderInputs = [.. weights.DeciderLayers.Select(Hidden)];
        _launches = Launch;
        if (Rules.AddsLogits) return;
        _noLogits = device.AllocateFloats(shape.Vocab);
        _noLogits.MemSetToZero(device.Accelerator.DefaultStream);
    }

    /// <summary>The rows of the pass in hand.</summary>
    public RowTable Table { get; }

    /// <summary>Accumulated logits of every position in flight.</summary>
    public LogitsState Logits { get; }

    /// <summary>What a row sees, and what becomes of its logits.</summary>
    public PassRules Rules => _weights.Rules;

    /// <summary>See <see cref="IOperations.DrawsInPass"/>.</summary>
    public bool DrawsInPass => _operations.DrawsInPass;

    /// <summary>This pass's own logits, [head rows, vocab], if they are kept.</summary>
    public Floats RawLogits => _raw.View.BaseView;

    /// <summary>A hidden state that was asked for, [rows, hidden].</summary>
    public Floats Hidden(int index) => _taps[index].View.BaseView;

    /// <summary>Runs rows through the model. Their grid entries must exist.</summary>
    /// <param name="rows">Sorted by depth.</param>
    /// <param name="visible">[rows, depths]; see <see cref="RowTable.Visible"/>.</param>
    /// <param name="decides">Whether the decider looks at the rows that want logits.</param>
    /// <param name="draws">Tokens to draw when the rows' logits are there; see <see cref="Receive"/>.</param>
    public void Run(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible, bool decides, ReadOnlySpan<SampleRequest> draws)
    {
        _operations.BeginPass(rows.Length);
        try
        {
            _grid.Flush();
            if (_noLogits is not null) ForgetLogits(rows, _noLogits.View.BaseView);
            Table.Upload(rows, visible);
            _variant = new PassVariant(decides, _operations.UploadRequests(Logits, draws));
            _operations.RunPass(Table, _variant, _launches);
        }
        finally
        {
            _operations.EndPass();
        }
    }

    /// <summary>Waits for the answers of a pass.</summary>
    /// <param name="decisions">[head rows], written: the decider's logits; empty if it did not run.</param>
    /// <param name="tokens">[draws], written.</param>
    public void Receive(Span<float> decisions, Span<int> tokens) => _results.Receive(decisions, tokens);

    /// <summary>Draws tokens from logits of earlier passes, and waits for them.</summary>
    /// <param name="draws">Slots that still hold, and how.</param>
    /// <param name="tokens">[draws], written.</param>
    public void Draw(ReadOnlySpan<SampleRequest> draws, Span<int> tokens)
    {
        _operations.Draw(Logits, _operations.UploadRequests(Logits, draws), _results.Tokens);
        _results.Send(0, tokens.Length);
        _results.Receive([], tokens);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in new IDisposable[] { _x, _query, _key, _value, _mixed, _activated, _normed, _raw, _results }) buffer.Dispose();
        foreach (var tap in _taps.Values) tap.Dispose();
        Table.Dispose();
        Logits.Dispose();
        _noLogits?.Dispose();
    }

    /// <summary>Deeper rows begin anew: zeros are what the pass then adds to. Their inputs come of the largest logits, which are kept apart.</summary>
    private void ForgetLogits(ReadOnlySpan<Row> rows, Floats zeros)
    {
        foreach (var row in rows)
        {
            if (row.Depth == 0 || !row.WantsLogits) continue;
            zeros.SubView(0, Logits.Vocab).CopyTo(
                _operations.Device.Accelerator.DefaultStream, Logits.Accumulated.SubView((long)row.Slot * Logits.Vocab, Logits.Vocab));
        }
    }

    private void Launch()
    {
        RunLayers();
        if (_variant.Decides) _operations.Decide(_weights.Decider!, _deciderInputs, Table, Logits, _results.Decisions);
        if (_variant.Draws.Count > 0) _operations.Draw(Logits, _variant.Draws, _results.Tokens);
        _results.Send(_variant.Decides ? Table.HeadCount : 0, _variant.Draws.Count);
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
            _operations.ProjectAdd(_mixed, layer.Output, Table, x, layer.FfnNorm);
            _operations.NormGateUp(x, layer, Table, _activated);
            _operations.ProjectAdd(_activated, layer.Down, Table, x, NormBehind(i));
            if (i + 1 < _weights.Layers.Count) Tap(i + 1, x);
        }
        // A last hidden state that is kept goes to its place at once: the decider does not wait for what stands between the head and itself.
        var normed = (_taps.GetValueOrDefault(_weights.Layers.Count) ?? _normed).View.BaseView;
        _operations.NormHeadAccumulate(x, _weights.Head, Table, normed, RawLogits, _kept, Logits);
    }

    /// <summary>The norm that the residual stream goes through behind a layer.</summary>
    private FloatBuffer NormBehind(int layer) =>
        layer + 1 < _weights.Layers.Count ? _weights.Layers[layer + 1].AttentionNorm : _weights.Head.Norm;

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
