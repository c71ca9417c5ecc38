using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>The passes of a micro-batch, from depth 0 on: what the losses of both stages have in common.</summary>
internal sealed class PassSequence : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly StepOptions _options;
    private readonly List<DepthState> _depths = [];
    private PackedBatch _batch = null!;

    /// <summary>Prepares the passes of a model.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="options">How passes are computed.</param>
    public PassSequence(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _model, _options) = (operations, model, options);
        Stack = new DecoderStack(operations, model, options.Recomputes);
        Head = new HeadPass(operations, model, options.HeadRows);
        SoftInput = new SoftInput(operations, model, options);
        Lists = new DeviceLists(operations.Device);
    }

    /// <summary>The decoder layers.</summary>
    public DecoderStack Stack { get; }

    /// <summary>The head.</summary>
    public HeadPass Head { get; }

    /// <summary>What goes into the first layer.</summary>
    public SoftInput SoftInput { get; }

    /// <summary>Lists of the micro-batch in hand.</summary>
    public DeviceLists Lists { get; }

    /// <summary>What a depth hands on.</summary>
    public DepthState this[int depth] => _depths[depth];

    /// <summary>Begins a micro-batch.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="entries">Rows of all depths, at the most.</param>
    public void Begin(PackedBatch batch, int entries)
    {
        _batch = batch;
        Lists.Clear();
        _operations.Rope.Reserve(batch.Positions.Max() + 1);
        Stack.Begin(entries);
    }

    /// <summary>Brings the rows of a pass to the device.</summary>
    /// <param name="depth">The pass's own.</param>
    /// <param name="rows">Of each depth up to it the places of its rows in the batch.</param>
    /// <param name="dropout">Of the updates; null for none.</param>
    public DepthState Open(int depth, IReadOnlyList<int[]> rows, UpdateDropout? dropout = null)
    {
        while (_depths.Count <= depth) _depths.Add(new DepthState(_operations.Device));
        var ranges = PassRanges.Of(_operations.Device, _batch, rows, depth, _options.Scope);
        var shallower = rows.Take(depth).Sum(pass => pass.Length);
        _depths[depth].Begin(new DepthPass(depth, rows[depth], _batch, Lists, ranges, shallower, depth > 0 ? dropout : null));
        return _depths[depth];
    }

    /// <summary>The rows of a pass through all layers and the final norm.</summary>
    /// <param name="depth">The pass.</param>
    /// <param name="keeps">Whether the backward pass follows.</param>
    /// <param name="tap">Told the residual stream by its number, see <see cref="DecoderStack.Forward"/>, and last the final norm's rows.</param>
    public void RunLayers(int depth, bool keeps, Action<int, Floats>? tap = null)
    {
        var (state, shape) = (_depths[depth], _model.Shape);
        var count = state.Pass.Count;
        var x = state.X.Reserve((long)count * shape.Hidden);
        if (depth == 0) SoftInput.EmbedTokens(_batch, Lists, x);
        else SoftInput.Embed(_depths[depth - 1], count, x);
        Stack.Forward(x, state.Pass, keeps, tap);
        _operations.RmsNorm.Run(x, _model.FinalNorm.Value, Normed(depth), new RmsNormShape(count, shape.Hidden, shape.Epsilon));
        tap?.Invoke(shape.Layers, Normed(depth));
    }

    /// <summary>Keeps the accumulated logits of the rows that go on, and the largest of them.</summary>
    public void KeepContinuing(int depth)
    {
        var (state, vocab) = (_depths[depth], _model.Shape.Vocab);
        var kept = state.Accumulated.Reserve((long)state.Continuing.Length * vocab);
        foreach (var (start, rows) in RowChunks.Of(state.Continuing, Head.Chunk))
        {
            var indices = Lists.Add(rows);
            var raw = Head.Logits(Normed(depth), indices);
            var target = kept.SubView((long)start * vocab, raw.Length);
            if (!Accumulate(depth, raw, indices, target)) raw.CopyTo(_operations.Device.Accelerator.DefaultStream, target);
            SoftInput.TakeLargest(state, target, start, rows.Length);
        }
    }

    /// <summary>The accumulated logits of some rows; valid until the head is asked again.</summary>
    /// <returns>[chosen rows, vocab].</returns>
    public Floats Logits(int depth, ILGPU.ArrayView<int> rows)
    {
        var logits = Head.Logits(Normed(depth), rows);
        Accumulate(depth, logits, rows, logits);
        return logits;
    }

    /// <summary>[rows of the pass, hidden], behind the final norm.</summary>
    public Floats Normed(int depth) => _depths[depth].Normed.Reserve((long)_depths[depth].Pass.Count * _model.Shape.Hidden);

    /// <summary>[rows of the pass, vocab]: what the depth above kept for them.</summary>
    public Floats Before(int depth) => _depths[depth - 1].Accumulated.Reserve((long)_depths[depth].Pass.Count * _model.Shape.Vocab);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[] { Stack, Head, SoftInput, Lists }) owned.Dispose();
        foreach (var depth in _depths) depth.Dispose();
    }

    /// <summary>target = the logits of a pass plus what its rows have from shallower ones; nothing where they do not add up.</summary>
    private bool Accumulate(int depth, Floats raw, ILGPU.ArrayView<int> rows, Floats target)
    {
        if (depth == 0 || !_options.AddsLogits) return false;
        _operations.SelectRows.GatherAdd(Before(depth), rows, raw, target, new SelectRowsShape((int)rows.Length, _model.Shape.Vocab));
        return true;
    }
}
