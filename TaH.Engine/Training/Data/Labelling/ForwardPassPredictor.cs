using System.Numerics.Tensors;

namespace TaH.Engine;

/// <summary>
/// Predictions by the engine's own forward pass: rows of depth 0 of many sequences, every pass as full as it can be. A sequence may go on in the next
/// pass; its keys and values are in the grid.
/// </summary>
internal sealed class ForwardPassPredictor : ITopOnePredictor
{
    private const int MostRows = 4096;
    private const int MostRowsOnCpu = 512;
    private const int LeastRows = 64;

    // Logits are kept twice, raw and added up.
    private const long MostBytesOfLogits = 2L << 30;

    private readonly TahModel _model;
    private readonly IOperations _operations;
    private readonly KvGrid _grid;
    private readonly ForwardPass _forward;
    private readonly Row[] _rows;
    private readonly int[] _visible;
    private readonly int[] _places; // of each row in the batch
    private readonly int[] _top;
    private readonly float[] _logits;

    /// <summary>Makes room.</summary>
    /// <param name="model">The model; what it has beside the plain model is not used.</param>
    /// <param name="maxRows">Tokens of a pass; null for what suits device and vocabulary.</param>
    /// <param name="precision">How exactly products are made.</param>
    /// <exception cref="UsageException">A pass has 1 to 4,096 tokens.</exception>
    public ForwardPassPredictor(TahModel model, int? maxRows = null, ProductPrecision precision = ProductPrecision.Auto)
    {
        if (maxRows is < 1 or > MostRows) throw new UsageException($"a pass has 1 to {MostRows:N0} tokens, not {maxRows:N0}");
        _model = model;
        var shape = model.Weights.Shape;
        var capacity = maxRows ?? RowsThatSuit(model);
        _operations = Backend.Create(model.Device, shape, capacity, maxSequences: capacity, precision);
        var options = new SessionOptions();
        var kvShape = new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, options.PageSize, Depths: 1, model.KvTypeFor(null));
        // A slot for every row: the grid's sequences say how many there are.
        _grid = new KvGrid(model.Device, kvShape, maxSequences: capacity, model.Config.MaxPositions);
        _forward = new ForwardPass(model.Weights, _operations, _grid, capacity, softTopK: 1, tapped: [], keepsRaw: false);
        (_rows, _visible, _places) = (new Row[capacity], new int[capacity], new int[capacity]);
        _top = new int[capacity * _forward.Logits.TopK];
        _logits = new float[model.Config.VocabSize];
    }

    /// <inheritdoc/>
    public TopOnePredictions Predict(PackedBatch batch, TokenMeasures measures)
    {
        var length = batch.Tokens.Length;
        float[] Room(TokenMeasures measure) => measures.HasFlag(measure) ? new float[length] : [];
        var result = new TopOnePredictions(new int[length], Room(TokenMeasures.Entropy), Room(TokenMeasures.CrossEntropy));
        var (open, count) = (new List<GridSequence>(), 0);
        try
        {
            for (var number = 0; number < batch.SequenceStarts.Length; number++)
            {
                open.Add(_grid.Open());
                for (var place = batch.SequenceStarts[number]; place < batch.EndOf(number); place++)
                {
                    AddRow(count, open[^1], batch, place);
                    if (++count == _rows.Length) count = Run(count, batch, result, open);
                }
            }
            if (count > 0) Run(count, batch, result, open);
            return result;
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

    private void AddRow(int index, GridSequence sequence, PackedBatch batch, int place)
    {
        var position = batch.Positions[place];
        sequence.Append(depth: 0, position);
        var cell = sequence.CellAt(depth: 0, position);
        _rows[index] = new Row(sequence.Number, position, Depth: 0, batch.Tokens[place], Slot: index, cell, WantsLogits: true);
        (_visible[index], _places[index]) = (position + 1, place);
    }

    /// <returns>0: no row waits any more.</returns>
    private int Run(int count, PackedBatch batch, TopOnePredictions result, List<GridSequence> open)
    {
        _forward.Run(_rows.AsSpan(0, count), _visible.AsSpan(0, count), decides: false, draws: []);
        var (logits, device) = (_forward.Logits, _model.Device);
        device.Download(logits.TopTokens.SubView(0, (long)count * logits.TopK), _top.AsSpan(0, count * logits.TopK));
        for (var row = 0; row < count; row++) result.Tokens[_places[row]] = _top[row * logits.TopK];
        if (result.Entropy.Length + result.CrossEntropy.Length > 0) Measure(count, batch, result);
        // All but the last sequence are over; it may have more tokens.
        for (var i = 0; i < open.Count - 1; i++) open[i].Dispose();
        open.RemoveRange(0, open.Count - 1);
        return 0;
    }

    private void Measure(int count, PackedBatch batch, TopOnePredictions result)
    {
        for (var row = 0; row < count; row++)
        {
            var (place, vocab) = (_places[row], _logits.Length);
            _model.Device.Download(_forward.Logits.Accumulated.SubView((long)row * vocab, vocab), _logits);
            var isLast = place + 1 == batch.Tokens.Length || batch.Positions[place + 1] == 0;
            var (entropy, loss) = Measure(_logits, isLast ? null : batch.Tokens[place + 1]);
            if (result.Entropy.Length > 0) result.Entropy[place] = entropy;
            if (result.CrossEntropy.Length > 0) result.CrossEntropy[place] = loss;
        }
    }

    /// <summary>Entropy log Z - sum p z and cross-entropy log Z - z[next], of logits less their largest, which is overwritten.</summary>
    private static (float Entropy, float CrossEntropy) Measure(Span<float> logits, int? next)
    {
        TensorPrimitives.Subtract(logits, TensorPrimitives.Max<float>(logits), logits);
        var (sum, weighted) = (0.0, 0.0);
        foreach (var logit in logits)
        {
            var weight = Math.Exp(logit);
            sum += weight;
            weighted += weight * logit;
        }
        var log = Math.Log(sum);
        return ((float)(log - (weighted / sum)), next is { } token ? (float)(log - logits[token]) : 0f);
    }
}
