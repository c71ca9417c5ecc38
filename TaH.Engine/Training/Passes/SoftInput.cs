namespace TaH.Engine;

/// <summary>What goes into the first layer: embeddings of tokens, or on deeper passes of the largest accumulated logits; forward and backward.</summary>
internal sealed class SoftInput : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;
    private readonly StepOptions _options;
    private readonly Scratch _dense;
    private readonly ProductOperand _expanded;
    private readonly ProductOperand _gradient;
    private readonly TokenGroups _groups;

    public SoftInput(TrainingOperations operations, TrainingModel model, StepOptions options)
    {
        (_operations, _model, _options) = (operations, model, options);
        _dense = new Scratch(operations.Device);
        _expanded = operations.Products.Allocate(options.HeadRows, model.Shape.Vocab);
        _gradient = operations.Products.Allocate(options.HeadRows, model.Shape.Hidden);
        _groups = new TokenGroups(operations.Device);
    }

    private int TopK => Math.Min(_options.SoftTopK, _model.Shape.Vocab);

    /// <summary>x = the embeddings of all tokens of a batch.</summary>
    public void EmbedTokens(PackedBatch batch, DeviceLists lists, Floats x) =>
        _operations.EmbedTokens.Run(_model.Embedding.Weight.Straight, lists.Add(batch.Tokens), x, TokensShape(batch));

    /// <summary>Adds the gradient of the embeddings of all tokens.</summary>
    public void EmbedTokensBackward(PackedBatch batch, Floats dx)
    {
        _groups.Upload(batch.Tokens);
        _operations.EmbedTokensBackward.Run(dx, _groups, _model.Embedding.Gradient, TokensShape(batch));
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
        _operations.SoftEmbedding.Run(_model.Embedding.Weight.Straight, values, tokens, before.Probabilities.Reserve(values.Length), x, Shape(rows));
    }

    /// <summary>Adds the gradients of the accumulated logits and of the embedding.</summary>
    /// <param name="before">The depth whose logits were mixed.</param>
    /// <param name="rows">Rows that went on.</param>
    /// <param name="dx">[rows, hidden].</param>
    /// <param name="dAccumulated">[rows, vocab], added to.</param>
    public void Backward(DepthState before, int rows, Floats dx, Floats dAccumulated)
    {
        var tokens = before.Tokens((long)rows * TopK);
        var probabilities = before.Probabilities.Reserve((long)rows * TopK);
        _operations.SoftEmbeddingBackward.Run(_model.Embedding.Weight.Straight, dx, probabilities, tokens, dAccumulated, Shape(rows));
        var (hidden, vocab) = (_model.Shape.Hidden, _model.Shape.Vocab);
        for (var start = 0; start < rows; start += _options.HeadRows)
        {
            var count = Math.Min(_options.HeadRows, rows - start);
            var dense = _dense.Reserve((long)count * vocab);
            var (first, length) = ((long)start * TopK, (long)count * TopK);
            _operations.SoftEmbedding.Expand(probabilities.SubView(first, length), tokens.SubView(first, length), dense, Shape(count));
            _operations.Products.Read(_expanded, dense, count);
            _operations.Products.Read(_gradient, dx.SubView((long)start * hidden, (long)count * hidden), count);
            _operations.Products.WeightGradients(_gradient, 1, new WeightGradient(_expanded, _model.Embedding.Gradient));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _dense.Dispose();
        _expanded.Dispose();
        _gradient.Dispose();
        _groups.Dispose();
    }

    private (Floats Values, ILGPU.ArrayView<int> Tokens) Top(DepthState state, int rows) =>
        (state.TopValues.Reserve((long)rows * TopK), state.Tokens((long)rows * TopK));

    private EmbedTokensShape TokensShape(PackedBatch batch) => new(batch.Tokens.Length, _model.Shape.Hidden, _model.Shape.Vocab);

    private SoftEmbeddingShape Shape(int rows) => new(rows, TopK, _model.Shape.Hidden, _model.Shape.Vocab);
}
