namespace TaH.Engine;

/// <summary>Told after each pass whose logits are there.</summary>
/// <param name="places">Of each row with logits its place in the batch; its logits are in the slot of the same number.</param>
internal delegate void PassRan(ReadOnlySpan<int> places);

/// <summary>
/// Whole sequences through the engine's own forward pass, one pass a token: rows of many sequences, every pass as full as it can be. A sequence may go
/// on in the next pass; its keys and values are in the grid.
/// </summary>
internal sealed class PackedForward : IDisposable
{
    private const int MostRows = 4096;
    private const int MostRowsOnCpu = 512;
    private const int LeastRows = 64;

    // Logits are kept twice, raw and added up.
    private const long MostBytesOfLogits = 2L << 30;

    private readonly IOperations _operations;
    private readonly KvGrid _grid;
    private readonly ForwardPass _forward;
    private readonly Row[] _rows;
    private readonly int[] _visible;
    private readonly int[] _places; // of each row with logits in the batch
    private int _count;
    private int _logitsCount;

    /// <summary>Makes room.</summary>
    /// <param name="model">The model; what it has beside the plain model is not used.</param>
    /// <param name="weights">Its weights, or some of its layers'.</param>
    /// <param name="maxRows">Tokens of a pass; null for what suits device and vocabulary.</param>
    /// <param name="precision">How exactly products are made.</param>
    /// <exception cref="UsageException">A pass has 1 to 4,096 tokens.</exception>
    public PackedForward(TahModel model, ModelWeights weights, int? maxRows, ProductPrecision precision)
    {
        if (maxRows is < 1 or > MostRows) throw new UsageException($"a pass has 1 to {MostRows:N0} tokens, not {maxRows:N0}");
        var shape = weights.Shape;
        Capacity = maxRows ?? RowsThatSuit(model);
        _operations = Backend.Create(model.Device, shape, Capacity, maxSequences: Capacity, precision);
        var options = new SessionOptions();
        var kvShape = new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, options.PageSize, Depths: 1, model.KvTypeFor(null));
        // A slot for every row: the grid's sequences say how many there are.
        _grid = new KvGrid(model.Device, kvShape, maxSequences: Capacity, model.Config.MaxPositions);
        _forward = new ForwardPass(weights, _operations, _grid, Capacity, softTopK: 1, tapped: [], keepsRaw: false);
        (_rows, _visible, _places) = (new Row[Capacity], new int[Capacity], new int[Capacity]);
    }

    /// <summary>Tokens of a pass.</summary>
    public int Capacity { get; }

    /// <summary>Logits of the last pass.</summary>
    public LogitsState Logits => _forward.Logits;

    /// <summary>Runs a batch of any size.</summary>
    /// <param name="batch">Sequences; their passes do not matter.</param>
    /// <param name="wantsLogits">Whether the logits at a place of the batch are wanted.</param>
    /// <param name="ran">Told after each pass; logits are gone when the next one runs.</param>
    public void Run(PackedBatch batch, Predicate<int> wantsLogits, PassRan ran)
    {
        var open = new List<GridSequence>();
        (_count, _logitsCount) = (0, 0);
        try
        {
            for (var number = 0; number < batch.SequenceStarts.Length; number++)
            {
                open.Add(_grid.Open());
                for (var place = batch.SequenceStarts[number]; place < batch.EndOf(number); place++)
                {
                    AddRow(open[^1], batch, place, wantsLogits(place));
                    if (_count == Capacity) RunPass(open, ran);
                }
            }
            if (_count > 0) RunPass(open, ran);
        }
        finally
        {
            foreach (var sequence in open) sequence.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _forward.Dispose();
        _grid.Dispose();
        _operations.Dispose();
    }

    private static int RowsThatSuit(TahModel model)
    {
        var most = model.Device.Kind == DeviceKind.Cpu ? MostRowsOnCpu : MostRows;
        return (int)Math.Clamp(MostBytesOfLogits / (2L * sizeof(float) * model.Config.VocabSize), LeastRows, most);
    }

    private void AddRow(GridSequence sequence, PackedBatch batch, int place, bool wantsLogits)
    {
        var position = batch.Positions[place];
        sequence.Append(depth: 0, position);
        var cell = sequence.CellAt(depth: 0, position);
        _rows[_count] = new Row(sequence.Number, position, Depth: 0, batch.Tokens[place], wantsLogits ? _logitsCount : -1, cell, wantsLogits);
        _visible[_count++] = position + 1;
        if (wantsLogits) _places[_logitsCount++] = place;
    }

    private void RunPass(List<GridSequence> open, PassRan ran)
    {
        _forward.Run(_rows.AsSpan(0, _count), _visible.AsSpan(0, _count), decides: false, draws: []);
        ran(_places.AsSpan(0, _logitsCount));
        (_count, _logitsCount) = (0, 0);
        // All but the last sequence are over; it may have more tokens.
        for (var i = 0; i < open.Count - 1; i++) open[i].Dispose();
        open.RemoveRange(0, open.Count - 1);
    }
}
