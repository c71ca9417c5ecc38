namespace TaH.Kernels;

/// <summary>The learned iteration decider: which rows go one depth further.</summary>
/// <remarks>Source: <c>MLPIterDecider</c> of the official code, arXiv 2511.08577.</remarks>
public sealed class DeciderMlp : IDisposable
{
    // Of one resident launch, where every four rows read the weights again. On Hopper more rows run in batches of at most 128 of DeciderBatch, unless
    // the precision is f32; elsewhere, and where neither takes the decider, as composed products.
    private const int MostResidentRows = 8;

    private readonly DeciderModel _model;
    private readonly DeciderInput _input;
    private readonly MatMulByRows _products;
    private readonly LayerNorm _norm;
    private readonly Gelu _gelu;
    private readonly DeciderBuffers _buffers;
    private readonly ComputeDevice _device;
    private readonly DeciderVariant _variant;
    private readonly ProductPrecision _precision;
    private DeciderCudaResident? _resident;
    private DeciderBatch? _batch;
    private Lazy<DeciderCudaSpread?>? _spread;

    /// <summary>Prepares the kernels of one variant and allocates the activations.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="model">The weights.</param>
    /// <param name="maxRows">The most rows that want logits in a pass.</param>
    /// <param name="variant">How it is computed.</param>
    /// <param name="precision">How exactly, for many rows.</param>
    public DeciderMlp(
        ComputeDevice device, DeciderModel model, int maxRows, DeciderVariant variant, ProductPrecision precision = ProductPrecision.Auto)
    {
        var portable = variant != DeciderVariant.Simd;
        (_model, _device, _variant, _precision) = (model, device, variant, precision);
        _input = new DeciderInput(device, variant);
        _products = new MatMulByRows(device, portableOnly: variant == DeciderVariant.Portable);
        _norm = new LayerNorm(device, portable ? LayerNormVariant.Portable : LayerNormVariant.Simd);
        _gelu = new Gelu(device, portable ? GeluVariant.Portable : GeluVariant.Simd);
        _buffers = new DeciderBuffers(device, model, maxRows);
    }

    /// <summary>The decider's logit for every head row: a row goes on if sigmoid of it is above the threshold.</summary>
    /// <param name="hidden">The hidden states that the decider reads, in its order, each [rows, hidden].</param>
    /// <param name="rowOf">[headRows] the row of the pass that each head row is.</param>
    /// <param name="slotOf">[rows] the logits slot of each row of the pass.</param>
    /// <param name="topValues">[slots, keptTopK] the largest accumulated logits, in descending order.</param>
    /// <param name="keptTopK">How many each slot holds; at least the decider's top-k.</param>
    /// <param name="headRows">Rows that want logits.</param>
    /// <param name="decisions">[headRows], written.</param>
    /// <returns>Whether a kernel behind starts only when the top logits are complete, if the decider itself came behind what makes them.</returns>
    /// <exception cref="ShapeException">
    /// A view is too short, there are more head rows than the buffers were made for, or fewer top values than the decider reads.
    /// </exception>
    public bool Run(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int headRows, Floats decisions)
    {
        ShapeException.ThrowIfShorter(rowOf, headRows, nameof(rowOf));
        ShapeException.ThrowIfShorter(decisions, headRows, nameof(decisions));
        if (headRows > _buffers.MaxRows) throw new ShapeException("decider buffers", _buffers.MaxRows, headRows);
        if (keptTopK < _model.TopK) throw new ShapeException(nameof(keptTopK), keptTopK, _model.TopK);
        if (hidden.Count == 0 || _buffers.Features % hidden.Count != 0) throw new ShapeException("decider features", hidden.Count, _buffers.Features);
        if (headRows == 0) return false;
        if (RunSpread(hidden, rowOf, slotOf, topValues, keptTopK, headRows, decisions)) return true;
        if (RunResident(hidden, rowOf, slotOf, topValues, keptTopK, headRows, decisions)) return false;
        if (RunBatches(hidden, rowOf, slotOf, topValues, keptTopK, headRows, decisions)) return false;
        Collect(hidden, rowOf, slotOf, topValues, keptTopK, headRows);
        Linear(_buffers.Combined, _model.Combined, _buffers.Normed, headRows);
        Linear(_buffers.Normed, _model.Input, _buffers.X, headRows);
        Floats x = _buffers.X, other = _buffers.Other;
        foreach (var block in _model.Blocks)
        {
            if (RunBlock(block, x, other, headRows)) (x, other) = (other, x);
        }
        Norm(x, _model.OutputNorm, _buffers.Normed, headRows);
        Linear(_buffers.Normed, _model.Output, decisions, headRows);
        return false;
    }

    /// <summary>The decider as one launch, if that is the variant and the decider is one that it serves.</summary>
    /// <param name="hidden">The hidden states that it reads.</param>
    private DeciderCudaResident? ResidentFor(IReadOnlyList<Floats> hidden)
    {
        if (_variant != DeciderVariant.CudaResident || !DeciderCudaResident.Takes(_model, _buffers.Features, hidden)) return null;
        return _resident ??= new DeciderCudaResident(_device, _model, _buffers.Features, Math.Min(_buffers.MaxRows, MostResidentRows));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _products.Dispose();
        _buffers.Dispose();
        _resident?.Dispose();
        _spread?.Value?.Dispose();
        _batch?.Dispose();
    }

    /// <summary>Runs in batches of like size, if that is the variant, the card can, and the decider is one that they serve.</summary>
    private bool RunBatches(
        IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int headRows, Floats decisions)
    {
        if (_precision != ProductPrecision.Auto || _variant != DeciderVariant.CudaResident || !BatchOperations.Serves(_device)) return false;
        if (!DeciderBatch.Takes(_model, _buffers.Features, hidden)) return false;
        _batch ??= new DeciderBatch(_device, _model, _buffers.Features);
        var batches = (headRows + BatchProduct.MaxTokens - 1) / BatchProduct.MaxTokens;
        var rows = (headRows + batches - 1) / batches;
        for (var from = 0; from < headRows; from += rows)
        {
            var count = Math.Min(rows, headRows - from);
            _batch.Run(hidden, rowOf.SubView(from, count), slotOf, topValues, keptTopK, count, decisions.SubView(from, count));
        }
        return true;
    }

    /// <summary>Runs spread over groups, one row, if that is the variant and the decider is one that it serves.</summary>
    private bool RunSpread(
        IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int headRows, Floats decisions)
    {
        if (headRows > 1 || _variant != DeciderVariant.CudaResident) return false;
        _spread ??= new(DeciderCudaSpread.Create(_device, _model, _buffers.Features, hidden));
        if (_spread.Value is not { } spread) return false;
        using var _ = _device.Profile("Decider", "CudaSpread", new KernelWork(spread.WeightBytes, 2 * spread.WeightCount, headRows));
        spread.Run(hidden, rowOf, slotOf, topValues, keptTopK, decisions);
        return true;
    }

    /// <summary>Runs in launches of few rows, if that is the variant and the decider is one that it serves.</summary>
    private bool RunResident(
        IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int headRows, Floats decisions)
    {
        if (headRows > MostResidentRows || ResidentFor(hidden) is not { } resident) return false;
        using var _ = _device.Profile("Decider", _variant, new KernelWork(resident.WeightBytes, 2 * resident.WeightCount * headRows, headRows));
        resident.Run(hidden, rowOf, slotOf, topValues, keptTopK, headRows, decisions);
        return true;
    }

    /// <summary>combined = [hidden states, normalised if the model says so ; projection of the top logits].</summary>
    private void Collect(IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int keptTopK, int rows)
    {
        int features = _buffers.Features, width = features / hidden.Count, projected = _model.LogitsProjection.Weight.Rows;
        for (var i = 0; i < hidden.Count; i++)
            _input.Place(hidden[i], rowOf, _buffers.Hidden, new DeciderRows(rows, width, features, i * width, Gathered: 1));
        if (_model.HiddenNorm is { } norm) Norm(_buffers.Hidden, norm, _buffers.Hidden, rows);
        var top = new DeciderTopValues(rows, _model.TopK, keptTopK, Softmax: _model.NormalizeInput ? 1 : 0);
        _input.PlaceTopValues(topValues, rowOf, slotOf, _buffers.TopValues, top);
        Linear(_buffers.TopValues, _model.LogitsProjection, _buffers.Projected, rows);
        _input.Place(_buffers.Hidden, rowOf, _buffers.Combined, new DeciderRows(rows, features, features + projected, 0, Gathered: 0));
        _input.Place(_buffers.Projected, rowOf, _buffers.Combined, new DeciderRows(rows, projected, features + projected, features, Gathered: 0));
    }

    /// <summary>shortcut(x) + contract(gelu(expand(norm(x)))): in x where the shortcut is the identity, else in <paramref name="other"/>.</summary>
    /// <returns>Whether the result is in <paramref name="other"/>.</returns>
    private bool RunBlock(DeciderBlock block, Floats x, Floats other, int rows)
    {
        Norm(x, block.Norm, _buffers.Normed, rows);
        Linear(_buffers.Normed, block.Expand, _buffers.Expanded, rows);
        _gelu.Run(_buffers.Expanded, _buffers.Expanded, (long)rows * block.Expand.Weight.Rows);
        if (block.DimChange is not null) Linear(x, block.DimChange, other, rows);
        Linear(_buffers.Expanded, block.Contract, block.DimChange is null ? x : other, rows, accumulate: true);
        return block.DimChange is not null;
    }

    private void Linear(Floats x, DeciderLinear layer, Floats y, int rows, bool accumulate = false) =>
        _products.For(rows, layer.Weight).Run(
            x, layer.Weight, layer.Bias.View, y, new MatMulShape(rows, layer.Weight.Columns, layer.Weight.Rows, Accumulate: accumulate));

    private void Norm(Floats x, DeciderNorm norm, Floats y, int rows) =>
        _norm.Run(x, norm.Weight.View, norm.Bias.View, y, new LayerNormShape(rows, checked((int)norm.Weight.Length), DeciderNorm.Epsilon));
}
