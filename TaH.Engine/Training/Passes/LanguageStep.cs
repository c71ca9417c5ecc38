using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>
/// Next-token cross-entropy of a micro-batch whose tokens take the passes that they are told to, and its gradients: what stage 1 and plain training
/// minimise.
/// </summary>
/// <remarks>
/// Gradients flow through the sum of logits over the depths, the soft embedding of every deeper pass, and the keys and values of shallower passes.
/// Source: NextTokenPredLoss and TaHForCausalLM.forward of github.com/thu-nics/TaH at 1e07bc3.
/// </remarks>
internal sealed class LanguageStep : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly StepOptions _options;
    private readonly PassSequence _passes;
    private readonly TokenResults _results;

    public LanguageStep(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _model, _options) = (operations, model, options);
        _passes = new PassSequence(operations, model, options);
        _results = new TokenResults(operations.Device);
    }

    /// <summary>Runs a micro-batch.</summary>
    /// <param name="batch">The tokens and what they shall predict.</param>
    /// <param name="iterations">[tokens]: passes of each.</param>
    /// <param name="scale">What the sum of losses is multiplied with: for a mean, one over the number of labelled tokens.</param>
    /// <param name="backward">Whether gradients are added up.</param>
    /// <param name="dropout">Of the updates; null for none.</param>
    public TokenOutcomes Run(PackedBatch batch, int[] iterations, float scale, bool backward, UpdateDropout? dropout = null)
    {
        _results.Begin(batch.Tokens.Length);
        var depths = iterations.Max();
        int[][] rows = [.. Enumerable.Range(0, depths).Select(depth => Where(iterations, passes => passes > depth))];
        _passes.Begin(batch, rows.Sum(depth => depth.Length));
        for (var depth = 0; depth < depths; depth++)
            _passes.Open(depth, rows, dropout).Continuing = Where(rows[depth], row => iterations[row] > depth + 1);
        for (var depth = 0; depth < depths; depth++) Forward(depth, batch, iterations, scale, backward);
        if (backward) Backward(depths, batch);
        return _results.Receive();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _passes.Dispose();
        _results.Dispose();
    }

    private void Forward(int depth, PackedBatch batch, int[] iterations, float scale, bool backward)
    {
        var pass = _passes[depth].Pass;
        _passes.RunLayers(depth, keeps: backward);
        if (backward) NormedGradient(depth).MemSetToZero(_operations.Device.Accelerator.DefaultStream);
        _passes.KeepContinuing(depth);
        // Rows without a label have no loss. Deeper ones are asked all the same: the gradient of their logits, zero, goes to the depth above.
        TakeLosses(depth, Where(pass.Rows, row => iterations[row] == depth + 1 && (depth > 0 || batch.Labels[row] >= 0)), batch, scale, backward);
    }

    private void TakeLosses(int depth, int[] ended, PackedBatch batch, float scale, bool backward)
    {
        foreach (var (_, rows) in RowChunks.Of(ended, _passes.Head.Chunk))
        {
            var indices = _passes.Lists.Add(rows);
            var logits = _passes.Logits(depth, indices);
            int[] places = [.. rows.Select(row => _passes[depth].Pass.Rows[row])];
            var labels = _passes.Lists.Add([.. places.Select(place => batch.Labels[place])]);
            var (losses, predictions) = _results.For(places);
            var lossShape = new CrossEntropyShape(rows.Length, _model.Shape.Vocab);
            if (!backward)
            {
                _operations.CrossEntropy.Run(logits, labels, losses, predictions, lossShape);
                continue;
            }
            _operations.CrossEntropy.Run(logits, labels, scale, losses, predictions, logits, lossShape);
            _passes.Head.Backward(logits, indices, NormedGradient(depth));
            HandUp(depth, logits, indices);
        }
    }

    /// <summary>The gradient of accumulated logits goes to those of the depth above, which have served; nowhere if logits do not add up.</summary>
    private void HandUp(int depth, Floats dLogits, ILGPU.ArrayView<int> rows)
    {
        if (depth == 0 || !_options.AddsLogits) return;
        _operations.SelectRows.Scatter(dLogits, rows, _passes.Before(depth), new SelectRowsShape((int)rows.Length, _model.Shape.Vocab));
    }

    /// <summary>[rows of the pass, hidden].</summary>
    private Floats NormedGradient(int depth) =>
        _passes[depth].NormedGradient.Reserve((long)_passes[depth].Pass.Count * _model.Shape.Hidden);

    private void Backward(int depths, PackedBatch batch)
    {
        _passes.Stack.ClearEntryGradients();
        for (var depth = depths - 1; depth >= 0; depth--)
        {
            HeadBackward(depth);
            var (state, shape) = (_passes[depth], _model.Shape);
            var count = state.Pass.Count;
            var (x, dx) = (state.X.Reserve((long)count * shape.Hidden), state.XGradient.Reserve((long)count * shape.Hidden));
            _operations.RmsNormBackward.Run(
                x, _model.FinalNorm.Value, NormedGradient(depth), dx, _model.FinalNorm.Gradient, new RmsNormShape(count, shape.Hidden, shape.Epsilon),
                addToDx: false);
            _passes.Stack.Backward(dx, state.Pass);
            if (depth == 0) _passes.SoftInput.EmbedTokensBackward(batch, dx);
            else SoftInputBackward(depth, dx);
        }
    }

    private void SoftInputBackward(int depth, Floats dx)
    {
        var dLogits = _passes.Before(depth);
        if (!_options.AddsLogits) dLogits.MemSetToZero(_operations.Device.Accelerator.DefaultStream);
        _passes.SoftInput.Backward(_passes[depth - 1], _passes[depth].Pass.Count, dx, dLogits);
    }

    /// <summary>The rows that went on: the gradient of their logits is known now that deeper passes have been walked.</summary>
    private void HeadBackward(int depth)
    {
        var (continuing, vocab) = (_passes[depth].Continuing, _model.Shape.Vocab);
        var gradients = _passes[depth].Accumulated.Reserve((long)continuing.Length * vocab);
        foreach (var (start, rows) in RowChunks.Of(continuing, _passes.Head.Chunk))
        {
            var indices = _passes.Lists.Add(rows);
            var gradient = gradients.SubView((long)start * vocab, (long)rows.Length * vocab);
            _passes.Head.Backward(gradient, _passes.Normed(depth), indices, NormedGradient(depth));
            HandUp(depth, gradient, indices);
        }
    }

    private static int[] Where(int[] values, Func<int, bool> chosen) => [.. Enumerable.Range(0, values.Length).Where(i => chosen(values[i]))];
}
