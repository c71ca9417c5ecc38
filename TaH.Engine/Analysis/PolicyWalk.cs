namespace TaH.Engine;

/// <summary>
/// Runs a batch of given text under one policy after the other. Depth 0 never looks at deeper passes, so it runs once; a policy costs its deeper
/// passes alone.
/// </summary>
internal sealed class PolicyWalk : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly int _depths;
    private readonly int _vocab;
    private readonly PassSequence _passes;
    private readonly DeciderInputs? _inputs;
    private readonly DeciderPass? _decider;
    private float[] _logits = [];
    private PackedBatch _batch = null!;
    private bool[] _isAsked = [];
    private PassOutcomes _first = null!;

    /// <summary>Makes room.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="options">How passes are computed.</param>
    public PolicyWalk(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _depths, _vocab) = (operations, model.Shape.Depths, model.Shape.Vocab);
        _passes = new PassSequence(operations, model, options with { Recomputes = false });
        if (model.DeciderNet is not { } decider) return;
        _inputs = new DeciderInputs(operations, model, _passes);
        _decider = new DeciderPass(operations, decider, options.HeadRows);
    }

    /// <summary>Runs depth 0 of a batch.</summary>
    /// <param name="batch">The text.</param>
    /// <param name="isAsked">[tokens]: of which tokens the next one is predicted.</param>
    public void Begin(PackedBatch batch, bool[] isAsked)
    {
        (_batch, _isAsked) = (batch, isAsked);
        _passes.Begin(batch, checked(batch.Tokens.Length * _depths));
        _first = Run(0, [[.. Enumerable.Range(0, batch.Tokens.Length)]]);
    }

    /// <summary>Runs what a policy wants of the batch in hand.</summary>
    /// <param name="goesOn">Told a token, the depth that it ran at and the decider's logit (NaN without one): whether it takes another pass.</param>
    public PolicyOutcomes Deepen(Func<int, int, float, bool> goesOn)
    {
        var iterations = new int[_batch.Tokens.Length];
        Array.Fill(iterations, 1);
        var (outcomes, rows) = (new List<PassOutcomes> { _first }, new List<int[]> { Enumerable.Range(0, iterations.Length).ToArray() });
        for (var depth = 0; depth + 1 < _depths; depth++)
        {
            var here = rows[depth];
            int[] continuing = [.. Enumerable.Range(0, here.Length).Where(row => goesOn(here[row], depth, outcomes[depth].DeciderLogits[here[row]]))];
            if (continuing.Length == 0) break;
            _passes[depth].Continuing = continuing;
            _passes.KeepContinuing(depth);
            rows.Add([.. continuing.Select(row => here[row])]);
            foreach (var token in rows[^1]) iterations[token]++;
            outcomes.Add(Run(depth + 1, rows));
        }
        return new PolicyOutcomes(iterations, outcomes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _passes.Dispose();
        _inputs?.Dispose();
        _decider?.Dispose();
    }

    private PassOutcomes Run(int depth, IReadOnlyList<int[]> rows)
    {
        _passes.Open(depth, rows);
        var decides = _decider is not null && depth + 1 < _depths;
        if (decides) _inputs!.RunLayers(depth);
        else _passes.RunLayers(depth, keeps: false);
        var outcomes = new PassOutcomes(_batch.Tokens.Length);
        var places = rows[depth];
        foreach (var (start, chunk) in RowChunks.Of([.. Enumerable.Range(0, places.Length)], _passes.Head.Chunk))
        {
            var isAsked = chunk.Any(row => _isAsked[places[row]]);
            if (!isAsked && !decides) continue;
            var logits = _passes.Logits(depth, _passes.Lists.Add(chunk));
            if (isAsked) Measure(logits, chunk, places, outcomes);
            if (decides) Decide(depth, start, logits, chunk, places, outcomes);
        }
        return outcomes;
    }

    private void Measure(Floats logits, int[] rows, int[] places, PassOutcomes outcomes)
    {
        if (_logits.Length < logits.Length) _logits = new float[logits.Length];
        _operations.Device.Download(logits, _logits.AsSpan(0, (int)logits.Length));
        Parallel.For(0, rows.Length, row =>
        {
            var token = places[rows[row]];
            if (!_isAsked[token]) return;
            outcomes.Measures[token] = LogitsMeasure.Of(_logits.AsSpan(row * _vocab, _vocab), _batch.Labels[token]);
        });
    }

    private void Decide(int depth, int start, Floats logits, int[] rows, int[] places, PassOutcomes outcomes)
    {
        var (features, top) = (_inputs!.Features(depth, start, rows.Length), _inputs.TopValues(logits, rows.Length));
        var decisions = _decider!.Forward(features, top, rows.Length, dropout: null);
        var values = new float[rows.Length];
        _operations.Device.Download(decisions.SubView(0, rows.Length), values);
        for (var row = 0; row < rows.Length; row++) outcomes.DeciderLogits[places[rows[row]]] = values[row];
    }
}
