using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>What a micro-batch found out about decisions.</summary>
/// <param name="Iterations">[tokens]: passes that each token takes by the decider's own decisions.</param>
/// <param name="Losses">Of each depth that decides, the binary cross-entropy of its rows; 0 for one without target.</param>
/// <param name="Targets">Of each depth that decides, the decisions of its rows that have a target.</param>
/// <param name="Logits">Of each depth that decides, those of its rows.</param>
/// <param name="Rows">Of each depth that decides, the places of its rows in the batch.</param>
internal sealed record DeciderOutcomes(int[] Iterations, float[][] Losses, int[] Targets, float[][] Logits, int[][] Rows);

/// <summary>
/// The decider's binary cross-entropy over a micro-batch, with the backbone frozen, and its gradients: what stage 2 minimises. The decider's own
/// decisions choose which tokens reach deeper passes.
/// </summary>
/// <remarks>Source: IterDeciderLoss of github.com/thu-nics/TaH at 1e07bc3: the mean over each depth's decisions, summed over the depths.</remarks>
internal sealed class DeciderStep : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly TrainedDecider _decider;
    private readonly StepOptions _options;
    private readonly DecoderStack _stack;
    private readonly HeadPass _head;
    private readonly SoftInput _softInput;
    private readonly DeciderPass _pass;
    private readonly DeviceLists _lists;
    private readonly GrowingFloats _features;
    private readonly GrowingFloats _topValues;
    private readonly GrowingFloats _losses;
    private readonly GrowingFloats _gradients;
    private readonly GrowingFloats _decisions;
    private readonly List<DepthState> _depths = [];
    private readonly IntBuffer _topTokens;

    public DeciderStep(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _model, _options) = (operations, model, options);
        _decider = model.DeciderNet ?? throw new InvalidOperationException("the model has no decider to train");
        _stack = new DecoderStack(operations, model, recomputes: false);
        _head = new HeadPass(operations, model, options.HeadRows);
        _softInput = new SoftInput(operations, model, options);
        _pass = new DeciderPass(operations, _decider, options.HeadRows);
        _lists = new DeviceLists(operations.Device);
        GrowingFloats Room() => new(operations.Device);
        (_features, _topValues, _losses, _gradients, _decisions) = (Room(), Room(), Room(), Room(), Room());
        _topTokens = operations.Device.AllocateInts((long)options.HeadRows * _decider.Config.TopK);
    }

    /// <summary>Runs a micro-batch.</summary>
    /// <param name="batch">The tokens; <see cref="PackedBatch.IterationCounts"/> are the targets.</param>
    /// <param name="maxIter">The most passes of a token.</param>
    /// <param name="positiveWeight">What the loss of a token that should go on is multiplied with.</param>
    /// <param name="scale">What each depth's mean is multiplied with; see <see cref="Run"/>'s gradient.</param>
    /// <param name="backward">Whether gradients are added up.</param>
    /// <param name="dropout">Makes the dropout of a chunk of rows from its number; null for none.</param>
    public DeciderOutcomes Run(
        PackedBatch batch, int maxIter, float positiveWeight, float scale, bool backward, Func<int, DeciderDropout>? dropout = null)
    {
        _lists.Clear();
        _operations.Rope.Reserve(batch.Positions.Max() + 1);
        var iterations = new int[batch.Tokens.Length];
        Array.Fill(iterations, 1);
        var (losses, logits, rows) = (new List<float[]>(), new List<float[]>(), new List<int[]> { Enumerable.Range(0, iterations.Length).ToArray() });
        _stack.Begin(checked(iterations.Length * maxIter));
        var (start, chunks) = (0, 0);
        for (var depth = 0; depth + 1 < maxIter && rows[depth].Length > 0; depth++)
        {
            var state = StateFor(depth, [.. rows], batch, start);
            start += rows[depth].Length;
            RunLayers(depth, batch);
            var (lossesHere, logitsHere) = Decide(depth, batch, positiveWeight, scale, backward, dropout, ref chunks);
            losses.Add(lossesHere);
            logits.Add(logitsHere);
            state.Continuing = [.. Enumerable.Range(0, logitsHere.Length).Where(row => GoesOn(logitsHere[row]))];
            int[] deeper = [.. state.Continuing.Select(row => rows[depth][row])];
            foreach (var place in deeper) iterations[place]++;
            if (depth + 2 < maxIter) KeepContinuing(depth);
            rows.Add(deeper);
        }
        int[][] decided = [.. rows.Take(losses.Count)];
        int[] targets = [.. decided.Select(places => places.Count(place => batch.IterationCounts[place] > 0))];
        return new DeciderOutcomes(iterations, [.. losses], targets, [.. logits], decided);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[]
        {
            _stack, _head, _softInput, _pass, _lists, _features, _topValues, _losses, _gradients, _decisions, _topTokens,
        })
            owned.Dispose();
        foreach (var depth in _depths) depth.Dispose();
    }

    private DepthState StateFor(int depth, int[][] rows, PackedBatch batch, int start)
    {
        while (_depths.Count <= depth) _depths.Add(new DepthState(_operations.Device));
        var ranges = PassRanges.Of(_operations.Device, batch, rows, depth, _options.Scope);
        _depths[depth].Begin(new DepthPass(depth, rows[depth], batch, _lists, ranges, start, dropout: null));
        return _depths[depth];
    }

    private void RunLayers(int depth, PackedBatch batch)
    {
        var (state, shape, width) = (_depths[depth], _model.Shape, _decider.CombinedWidth);
        var count = state.Pass.Count;
        var features = _features.Of((long)count * width);
        void Tap(int index, Floats hidden)
        {
            for (var i = 0; i < _decider.Config.HiddenLayers.Length; i++)
            {
                if (_decider.Config.HiddenLayers[i] != index) continue;
                _operations.Rows.CopyColumns(hidden, features, new ColumnsShape(count, shape.Hidden, 0, shape.Hidden, i * shape.Hidden, width));
            }
        }
        var x = state.X.Of((long)count * shape.Hidden);
        if (depth == 0) _softInput.EmbedTokens(batch, _lists, x);
        else _softInput.Embed(_depths[depth - 1], count, x);
        _stack.Forward(x, state.Pass, keeps: false, Tap);
        var normed = state.Normed.Of(x.Length);
        _operations.RmsNorm.Run(x, _model.FinalNorm.Value, normed, new RmsNormShape(count, shape.Hidden, shape.Epsilon));
        Tap(shape.Layers, normed);
    }

    private (float[] Losses, float[] Logits) Decide(
        int depth, PackedBatch batch, float positiveWeight, float scale, bool backward, Func<int, DeciderDropout>? dropout, ref int chunks)
    {
        var state = _depths[depth];
        var count = state.Pass.Count;
        Floats losses = _losses.Of(count), gradients = _gradients.Of(count), decisions = _decisions.Of(count);
        int[] targets = [.. state.Pass.Rows.Select(row => Target(batch.IterationCounts[row], depth))];
        var meanScale = scale / Math.Max(1, targets.Count(target => target >= 0));
        foreach (var (start, rows) in RowChunks.Of([.. Enumerable.Range(0, count)], _head.Chunk))
        {
            var dropped = dropout?.Invoke(chunks++);
            var features = _features.Of((long)count * _decider.CombinedWidth)
                .SubView((long)start * _decider.CombinedWidth, (long)rows.Length * _decider.CombinedWidth);
            var top = TopValues(depth, rows);
            var logits = _pass.Forward(features, top, rows.Length, dropped);
            logits.SubView(0, rows.Length).CopyTo(_operations.Device.Accelerator.DefaultStream, decisions.SubView(start, rows.Length));
            var gradient = gradients.SubView(start, rows.Length);
            _operations.BinaryCrossEntropy.Run(
                logits, _lists.Add(targets.AsSpan(start, rows.Length)), positiveWeight, meanScale, losses.SubView(start, rows.Length), gradient, rows.Length);
            if (backward) _pass.Backward(gradient, features, top, rows.Length, dropped);
        }
        return (Download(losses), Download(decisions));
    }

    /// <summary>The largest accumulated logits of some rows of a pass.</summary>
    private Floats TopValues(int depth, int[] rows)
    {
        var (state, shape, topK) = (_depths[depth], _model.Shape, _decider.Config.TopK);
        var logits = AccumulatedLogits(depth, _lists.Add(rows), state.Normed.Of((long)state.Pass.Count * shape.Hidden));
        var values = _topValues.Of((long)rows.Length * topK);
        _operations.LargestLogits.Run(logits, values, _topTokens.View.BaseView, new TopKShape(rows.Length, shape.Vocab, topK));
        return values;
    }

    private Floats AccumulatedLogits(int depth, ILGPU.ArrayView<int> rows, Floats normed)
    {
        var logits = _head.Logits(normed, rows);
        if (depth == 0 || !_options.AddsLogits) return logits;
        var before = _depths[depth - 1].Accumulated.Of((long)_depths[depth].Pass.Count * _model.Shape.Vocab);
        _operations.SelectRows.GatherAdd(before, rows, logits, logits, new SelectRowsShape((int)rows.Length, _model.Shape.Vocab));
        return logits;
    }

    private void KeepContinuing(int depth)
    {
        var (state, shape) = (_depths[depth], _model.Shape);
        var kept = state.Accumulated.Of((long)state.Continuing.Length * shape.Vocab);
        foreach (var (start, rows) in RowChunks.Of(state.Continuing, _head.Chunk))
        {
            var logits = AccumulatedLogits(depth, _lists.Add(rows), state.Normed.Of((long)state.Pass.Count * shape.Hidden));
            var target = kept.SubView((long)start * shape.Vocab, logits.Length);
            logits.CopyTo(_operations.Device.Accelerator.DefaultStream, target);
            _softInput.TakeLargest(state, target, start, rows.Length);
        }
    }

    /// <summary>1 for a token that should go on, 0 for one that should not, -1 for one that nobody knows about.</summary>
    private static int Target(int iterations, int depth) => iterations <= 0 ? -1 : iterations > depth + 1 ? 1 : 0;

    private bool GoesOn(float logit) => 1 / (1 + MathF.Exp(-logit)) > _decider.Config.EffectiveThreshold;

    private float[] Download(Floats view)
    {
        var values = new float[view.Length];
        view.CopyToCPU(_operations.Device.Accelerator.DefaultStream, values);
        _operations.Device.Synchronize();
        return values;
    }
}
