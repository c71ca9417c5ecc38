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
    private readonly DecoderStack _stack;
    private readonly HeadPass _head;
    private readonly SoftInput _softInput;
    private readonly DeviceLists _lists;
    private readonly TokenResults _results;
    private readonly List<DepthState> _depths = [];

    public LanguageStep(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _model, _options) = (operations, model, options);
        _stack = new DecoderStack(operations, model, options.Recomputes);
        _head = new HeadPass(operations, model, options.HeadRows);
        _softInput = new SoftInput(operations, model, options);
        _lists = new DeviceLists(operations.Device);
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
        _lists.Clear();
        _results.Begin(batch.Tokens.Length);
        _operations.Rope.Reserve(batch.Positions.Max() + 1);
        var depths = iterations.Max();
        int[][] rows = [.. Enumerable.Range(0, depths).Select(depth => Where(iterations, passes => passes > depth))];
        _stack.Begin(rows.Sum(depth => depth.Length));
        while (_depths.Count < depths) _depths.Add(new DepthState(_operations.Device));
        var start = 0;
        for (var depth = 0; depth < depths; depth++)
        {
            var ranges = PassRanges.Of(_operations.Device, batch, rows, depth, _options.Scope);
            _depths[depth].Begin(new DepthPass(depth, rows[depth], batch, _lists, ranges, start, depth > 0 ? dropout : null));
            _depths[depth].Continuing = Where(rows[depth], row => iterations[row] > depth + 1);
            start += rows[depth].Length;
        }
        for (var depth = 0; depth < depths; depth++) Forward(depth, batch, iterations, scale, backward);
        if (backward) Backward(depths, batch);
        return _results.Receive();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[] { _stack, _head, _softInput, _lists, _results }) owned.Dispose();
        foreach (var depth in _depths) depth.Dispose();
    }

    private void Forward(int depth, PackedBatch batch, int[] iterations, float scale, bool backward)
    {
        var (state, shape) = (_depths[depth], _model.Shape);
        var pass = state.Pass;
        var x = state.X.Of((long)pass.Count * shape.Hidden);
        if (depth == 0) _softInput.EmbedTokens(batch, _lists, x);
        else _softInput.Embed(_depths[depth - 1], pass.Count, x);
        _stack.Forward(x, pass, keeps: backward);
        var normed = state.Normed.Of(x.Length);
        _operations.RmsNorm.Run(x, _model.FinalNorm.Value, normed, new RmsNormShape(pass.Count, shape.Hidden, shape.Epsilon));
        if (backward) state.NormedGradient.Of(x.Length).MemSetToZero(_operations.Device.Accelerator.DefaultStream);
        KeepContinuing(depth);
        // Rows without a label have no loss. Deeper ones are asked all the same: the gradient of their logits, zero, goes to the depth above.
        TakeLosses(depth, Where(pass.Rows, row => iterations[row] == depth + 1 && (depth > 0 || batch.Labels[row] >= 0)), batch, scale, backward);
    }

    /// <summary>The accumulated logits of the rows that go on, and the largest of them.</summary>
    private void KeepContinuing(int depth)
    {
        var (state, vocab) = (_depths[depth], _model.Shape.Vocab);
        var kept = state.Accumulated.Of((long)state.Continuing.Length * vocab);
        foreach (var (start, rows) in RowChunks.Of(state.Continuing, _head.Chunk))
        {
            var indices = _lists.Add(rows);
            var raw = _head.Logits(state.Normed.Of((long)state.Pass.Count * _model.Shape.Hidden), indices);
            var target = kept.SubView((long)start * vocab, raw.Length);
            Accumulate(depth, raw, indices, target, inPlace: false);
            _softInput.TakeLargest(state, target, start, rows.Length);
        }
    }

    private void TakeLosses(int depth, int[] ended, PackedBatch batch, float scale, bool backward)
    {
        var (state, shape) = (_depths[depth], _model.Shape);
        var hidden = (long)state.Pass.Count * shape.Hidden;
        foreach (var (_, rows) in RowChunks.Of(ended, _head.Chunk))
        {
            var indices = _lists.Add(rows);
            var logits = _head.Logits(state.Normed.Of(hidden), indices);
            Accumulate(depth, logits, indices, logits, inPlace: true);
            int[] places = [.. rows.Select(row => state.Pass.Rows[row])];
            var labels = _lists.Add([.. places.Select(place => batch.Labels[place])]);
            var (losses, predictions) = _results.For(places);
            var lossShape = new CrossEntropyShape(rows.Length, shape.Vocab);
            if (!backward)
            {
                _operations.CrossEntropy.Run(logits, labels, losses, predictions, lossShape);
                continue;
            }
            _operations.CrossEntropy.Run(logits, labels, scale, losses, predictions, logits, lossShape);
            _head.Backward(logits, indices, state.NormedGradient.Of(hidden));
            HandUp(depth, logits, indices);
        }
    }

    /// <summary>target = the logits of a pass plus what its rows have from shallower ones.</summary>
    private void Accumulate(int depth, Floats raw, ILGPU.ArrayView<int> rows, Floats target, bool inPlace)
    {
        var shape = new SelectRowsShape((int)rows.Length, _model.Shape.Vocab);
        if (depth > 0 && _options.AddsLogits) _operations.SelectRows.GatherAdd(Before(depth), rows, raw, target, shape);
        else if (!inPlace) raw.CopyTo(_operations.Device.Accelerator.DefaultStream, target);
    }

    /// <summary>The gradient of accumulated logits goes to those of the depth above, which have served.</summary>
    private void HandUp(int depth, Floats dLogits, ILGPU.ArrayView<int> rows)
    {
        if (depth == 0) return;
        _operations.SelectRows.Scatter(dLogits, rows, Before(depth), new SelectRowsShape((int)rows.Length, _model.Shape.Vocab));
    }

    /// <summary>[rows of the pass, vocab]: what the depth above kept for them.</summary>
    private Floats Before(int depth) => _depths[depth - 1].Accumulated.Of((long)_depths[depth].Pass.Count * _model.Shape.Vocab);

    private void Backward(int depths, PackedBatch batch)
    {
        var shape = _model.Shape;
        _stack.ClearEntryGradients();
        for (var depth = depths - 1; depth >= 0; depth--)
        {
            var state = _depths[depth];
            var hidden = (long)state.Pass.Count * shape.Hidden;
            var normedGradient = state.NormedGradient.Of(hidden);
            foreach (var (start, rows) in RowChunks.Of(state.Continuing, _head.Chunk))
            {
                var indices = _lists.Add(rows);
                var kept = state.Accumulated.Of((long)state.Continuing.Length * shape.Vocab);
                var gradient = kept.SubView((long)start * shape.Vocab, (long)rows.Length * shape.Vocab);
                _head.Backward(gradient, state.Normed.Of(hidden), indices, normedGradient);
                HandUp(depth, gradient, indices);
            }
            var dx = state.XGradient.Of(hidden);
            _operations.RmsNormBackward.Run(
                state.X.Of(hidden), _model.FinalNorm.Value, normedGradient, dx, _model.FinalNorm.Gradient,
                new RmsNormShape(state.Pass.Count, shape.Hidden, shape.Epsilon), addToDx: false);
            _stack.Backward(dx, state.Pass);
            if (depth == 0) _softInput.EmbedTokensBackward(batch, dx);
            else _softInput.Backward(_depths[depth - 1], state.Pass.Count, dx, Before(depth));
        }
    }

    private static int[] Where(int[] values, Func<int, bool> chosen) => [.. Enumerable.Range(0, values.Length).Where(i => chosen(values[i]))];
}
