namespace TaH.Engine;

/// <summary>Predictions by the engine's own forward pass.</summary>
internal sealed class ForwardPassPredictor : ITopOnePredictor
{
    private readonly TahModel _model;
    private readonly PackedForward _forward;
    private readonly int[] _top;
    private readonly float[] _logits;

    /// <summary>Makes room.</summary>
    /// <param name="model">The model; what it has beside the plain model is not used.</param>
    /// <param name="maxRows">Tokens of a pass; null for what suits device and vocabulary.</param>
    /// <param name="precision">How exactly products are made.</param>
    /// <exception cref="UsageException">A pass has 1 to 4,096 tokens.</exception>
    public ForwardPassPredictor(TahModel model, int? maxRows = null, ProductPrecision precision = ProductPrecision.Auto)
    {
        _model = model;
        _forward = new PackedForward(model, model.Weights, maxRows, precision);
        _top = new int[_forward.Capacity * _forward.Logits.TopK];
        _logits = new float[model.Config.VocabSize];
    }

    /// <inheritdoc/>
    public TopOnePredictions Predict(PackedBatch batch, TokenMeasures measures)
    {
        var length = batch.Tokens.Length;
        float[] Room(TokenMeasures measure) => measures.HasFlag(measure) ? new float[length] : [];
        var result = new TopOnePredictions(new int[length], Room(TokenMeasures.Entropy), Room(TokenMeasures.CrossEntropy));
        _forward.Run(batch, wantsLogits: _ => true, places => Take(places, batch, result));
        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _forward.Dispose();

    private void Take(ReadOnlySpan<int> places, PackedBatch batch, TopOnePredictions result)
    {
        var (logits, count) = (_forward.Logits, places.Length);
        _model.Device.Download(logits.TopTokens.SubView(0, (long)count * logits.TopK), _top.AsSpan(0, count * logits.TopK));
        for (var row = 0; row < count; row++) result.Tokens[places[row]] = _top[row * logits.TopK];
        if (result.Entropy.Length + result.CrossEntropy.Length > 0) Measure(places, batch, result);
    }

    private void Measure(ReadOnlySpan<int> places, PackedBatch batch, TopOnePredictions result)
    {
        for (var row = 0; row < places.Length; row++)
        {
            var (place, vocab) = (places[row], _logits.Length);
            _model.Device.Download(_forward.Logits.Accumulated.SubView((long)row * vocab, vocab), _logits);
            var isLast = place + 1 == batch.Tokens.Length || batch.Positions[place + 1] == 0;
            var measure = LogitsMeasure.Of(_logits, isLast ? null : batch.Tokens[place + 1]);
            if (result.Entropy.Length > 0) result.Entropy[place] = measure.Entropy;
            if (result.CrossEntropy.Length > 0) result.CrossEntropy[place] = measure.Loss;
        }
    }
}
