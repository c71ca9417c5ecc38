namespace TaH.Engine;

/// <summary>What goes into the first layer: embeddings of tokens, or on deeper passes of the largest accumulated logits; forward and backward.</summary>
internal sealed class SoftInput : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly StepOptions _options;
    private readonly GrowingFloats _probabilities;
    private readonly ProductOperand _expanded;
    private readonly ProductOperand _gradient;

    public SoftInput(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _model, _options) = (operations, model, options);
        _probabilities = new GrowingFloats(operations.Device);
        _expanded = operations.Products.Allocate(options.HeadRows, model.Shape.Vocab);
        _gradient = operations.Products.Allocate(options.HeadRows, model.Shape.Hidden);
    }

    private int TopK => Math.Min(_options.SoftTopK, _model.Shape.Vocab);

    /// <summary>x = the embeddings of all tokens of a batch.</summary>
    public void EmbedTokens(PackedBatch batch, DeviceLists lists, Floats x) =>
        _operations.EmbedTokens.Run(_model.Embedding.Weight.Straight, lists.Add(batch.Tokens), x, TokensShape(batch));

    /// <summary>Adds the gradient of the embeddings of all tokens.</summary>
    public void EmbedTokensBackward(PackedBatch batch, DeviceLists lists, Floats dx)
    {
        var groups = TokenGroups.Of(batch.Tokens);
        _operations.EmbedTokensBackward.Run(
            dx, lists.Add(groups.Tokens), lists.Add(groups.Starts), lists.Add(groups.Rows), _model.Embedding.Gradient, TokensShape(batch));
    }

    /// <summary>Notes the largest accumulated logits of some rows that go on.</summary>
    /// <param name="state">Of their pass.</param>
    /// <param name="accumulated">[rows, vocab].</param>
    /// <param name="start">Rows that go on in front of them.</param>
    /// <param name="rows">How many.</param>
    public void TakeLargest(DepthState state, Floats accumulated, int start, int rows)
    {
        var (values, tokens) = Top(state, state.Continuing.Length);
        _operations.LargestLogits.Run(
            accumulated, values.SubView((long)start * TopK, (long)rows * TopK), tokens.SubView((long)start * TopK, (long)rows * TopK),
            new TopKShape(rows, _model.Shape.Vocab, TopK));
    }

    /// <summary>x = the soft embeddings of the rows that went on.</summary>
    public void Embed(DepthState before, int rows, Floats x)
    {
        var (values, tokens) = Top(before, rows);
        _operations.SoftEmbedding.Run(values, tokens, _model.Embedding.Weight.Straight, x, Shape(rows));
    }

    /// <summary>Adds the gradients of the accumulated logits and of the embedding.</summary>
    /// <param name="before">The depth whose logits were mixed.</param>
    /// <param name="rows">Rows that went on.</param>
    /// <param name="dx">[rows, hidden].</param>
    /// <param name="dAccumulated">[rows, vocab], added to.</param>
    public void Backward(DepthState before, int rows, Floats dx, Floats dAccumulated)
    {
        var (values, tokens) = Top(before, rows);
        _operations.SoftEmbedding.Backward(values, tokens, _model.Embedding.Weight.Straight, dx, dAccumulated, Shape(rows));
        for (var start = 0; start < rows; start += _options.HeadRows)
        {
            var count = Math.Min(_options.HeadRows, rows - start);
            var probabilities = _probabilities.Of((long)count * _model.Shape.Vocab);
            _operations.SoftEmbedding.Expand(
                values.SubView((long)start * TopK, (long)count * TopK), tokens.SubView((long)start * TopK, (long)count * TopK), probabilities, Shape(count));
            _operations.Products.Read(_expanded, probabilities, count);
            _operations.Products.Read(_gradient, dx.SubView((long)start * _model.Shape.Hidden, (long)count * _model.Shape.Hidden), count);
            _operations.Products.WeightGradients(_gradient, 1, new WeightGradient(_expanded, _model.Embedding.Gradient));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _probabilities.Dispose();
        _expanded.Dispose();
        _gradient.Dispose();
    }

    private (Floats Values, ILGPU.ArrayView<int> Tokens) Top(DepthState state, int rows) =>
        (state.TopValues.Of((long)rows * TopK), state.Tokens((long)rows * TopK));

    private EmbedTokensShape TokensShape(PackedBatch batch) => new(batch.Tokens.Length, _model.Shape.Hidden, _model.Shape.Vocab);

    private SoftEmbeddingShape Shape(int rows) => new(rows, TopK, _model.Shape.Hidden, _model.Shape.Vocab);
}
