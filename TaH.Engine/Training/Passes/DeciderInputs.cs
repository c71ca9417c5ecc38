namespace TaH.Engine;

/// <summary>What the decider reads of a pass: the hidden states of its layers, and the largest accumulated logits.</summary>
internal sealed class DeciderInputs : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly PassSequence _passes;
    private readonly TrainedDecider _decider;
    private readonly ModelShape _shape;
    private readonly Scratch _features;
    private readonly Scratch _topValues;
    private readonly IntBuffer _topTokens;

    /// <summary>Makes room.</summary>
    /// <param name="operations">The device's operations.</param>
    /// <param name="model">The parameters; it has a decider.</param>
    /// <param name="passes">The passes that are read.</param>
    public DeciderInputs(TrainingOperations operations, TrainingModel model, PassSequence passes)
    {
        (_operations, _passes, _decider, _shape) = (operations, passes, model.DeciderNet!, model.Shape);
        (_features, _topValues) = (new Scratch(operations.Device), new Scratch(operations.Device));
        _topTokens = operations.Device.AllocateInts((long)passes.Head.Chunk * _decider.Config.TopK);
    }

    /// <summary>Runs the layers of a pass and keeps the hidden states that the decider reads.</summary>
    public void RunLayers(int depth)
    {
        var (count, hidden, width) = (_passes[depth].Pass.Count, _shape.Hidden, _decider.CombinedWidth);
        var features = _features.Reserve((long)count * width);
        _passes.RunLayers(depth, keeps: false, (index, states) =>
        {
            for (var i = 0; i < _decider.Config.HiddenLayers.Length; i++)
            {
                if (_decider.Config.HiddenLayers[i] != index) continue;
                _operations.Rows.CopyColumns(states, features, new ColumnsShape(count, hidden, 0, hidden, i * hidden, width));
            }
        });
    }

    /// <summary>The hidden states of some rows of the pass whose layers ran last; the rest of each row is the decider's own room.</summary>
    /// <returns>[rows, <see cref="TrainedDecider.CombinedWidth"/>].</returns>
    public Floats Features(int depth, int start, int rows)
    {
        var width = (long)_decider.CombinedWidth;
        return _features.Reserve(_passes[depth].Pass.Count * width).SubView(start * width, rows * width);
    }

    /// <summary>The largest of some rows' accumulated logits; valid until the next call.</summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="rows">How many; at most a chunk of the head.</param>
    /// <returns>[rows, topK], descending.</returns>
    public Floats TopValues(Floats logits, int rows)
    {
        var topK = _decider.Config.TopK;
        var values = _topValues.Reserve((long)rows * topK);
        _operations.LargestLogits.Run(logits, values, _topTokens.View.BaseView, new TopKShape(rows, _shape.Vocab, topK));
        return values;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[] { _features, _topValues, _topTokens }) owned.Dispose();
    }
}
