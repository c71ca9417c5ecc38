using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>One decoder layer over the rows of a pass, forward and backward.</summary>
/// <remarks>The residual stream x goes in and out in place; what the backward pass needs stays in <see cref="LayerActivations"/>.</remarks>
internal sealed class LayerPass : IDisposable
{
    private readonly TrainingOperations _operations;
    private readonly ModelShape _shape;
    private readonly ProjectionPass _projections;
    private readonly Scratch _normedGradient;
    private readonly Scratch _mixedGradient;
    private readonly Scratch _queryGradient;
    private readonly Scratch _activatedGradient;
    private readonly Scratch _gateGradient;
    private readonly Scratch _upGradient;
    private readonly OperandRoom _operands;

    public LayerPass(TrainingOperations operations, ModelShape shape)
    {
        (_operations, _shape, _projections) = (operations, shape, new ProjectionPass(operations));
        _operands = new OperandRoom(operations.Products);
        Scratch Room() => new(operations.Device);
        (_normedGradient, _mixedGradient, _queryGradient) = (Room(), Room(), Room());
        (_activatedGradient, _gateGradient, _upGradient) = (Room(), Room(), Room());
    }

    private int KeyWidth => _shape.KvHeads * _shape.HeadDim;

    /// <summary>x through the layer.</summary>
    /// <param name="layer">The parameters.</param>
    /// <param name="x">[rows, hidden], read and written.</param>
    /// <param name="saved">Written.</param>
    /// <param name="keys">[all entries, kvHeads, headDim]: those of shallower passes are read, this pass's written.</param>
    /// <param name="values">Likewise.</param>
    /// <param name="pass">The rows.</param>
    public void Forward(TrainedLayer layer, Floats x, LayerActivations saved, Floats keys, Floats values, DepthPass pass)
    {
        var rows = pass.Count;
        Copy(x, saved.X, (long)rows * _shape.Hidden);
        Attend(layer, saved, keys, values, pass);
        _projections.Forward(saved.MixedOperand, saved.Mixed, layer.Output, x, pass, accumulate: true);
        Copy(x, saved.Middle, (long)rows * _shape.Hidden);
        Norm(saved.Middle, layer.FfnNorm, saved.MiddleNormed, saved.MiddleNormedOperand, rows);
        _projections.Forward(saved.MiddleNormedOperand, saved.MiddleNormed, layer.Gate, saved.Gate, pass);
        _projections.Forward(saved.MiddleNormedOperand, saved.MiddleNormed, layer.Up, saved.Up, pass);
        _operations.SwiGlu.Run(saved.Gate, saved.Up, saved.Activated, new SwiGluShape(rows, _shape.Ffn));
        _operations.Products.Read(saved.ActivatedOperand, saved.Activated, rows);
        _projections.Forward(saved.ActivatedOperand, saved.Activated, layer.Down, x, pass, accumulate: true);
    }

    /// <summary>The gradient of the layer's input from that of its output; those of parameters and of entries are added to.</summary>
    /// <param name="layer">The parameters.</param>
    /// <param name="dx">[rows, hidden], read and written.</param>
    /// <param name="saved">What <see cref="Forward"/> left.</param>
    /// <param name="keys">[entries, kvHeads, headDim].</param>
    /// <param name="values">Likewise.</param>
    /// <param name="keyGradients">[entries, kvHeads, headDim]: of this pass's entries what deeper passes added is read; added to.</param>
    /// <param name="valueGradients">Likewise.</param>
    /// <param name="pass">The rows.</param>
    public void Backward(
        TrainedLayer layer, Floats dx, LayerActivations saved, Floats keys, Floats values, Floats keyGradients, Floats valueGradients, DepthPass pass)
    {
        FeedForwardBackward(layer, dx, saved, pass);
        AttentionBackward(layer, dx, saved, keys, values, keyGradients, valueGradients, pass);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _projections.Dispose();
        foreach (var room in new[] { _normedGradient, _mixedGradient, _queryGradient, _activatedGradient, _gateGradient, _upGradient }) room.Dispose();
        _operands.Dispose();
    }

    private void Attend(TrainedLayer layer, LayerActivations saved, Floats keys, Floats values, DepthPass pass)
    {
        var rows = pass.Count;
        Floats ownKeys = Own(keys, pass), ownValues = Own(values, pass);
        Norm(saved.X, layer.AttentionNorm, saved.Normed, saved.NormedOperand, rows);
        _projections.Forward(saved.NormedOperand, saved.Normed, layer.Query, saved.RawQuery, pass);
        _projections.Forward(saved.NormedOperand, saved.Normed, layer.Key, saved.RawKey, pass);
        _projections.Forward(saved.NormedOperand, saved.Normed, layer.Value, ownValues, pass);
        _operations.RotateHeads.Run(
            saved.RawQuery, layer.QueryNorm.Value, pass.Positions, _operations.Rope, saved.Query, Heads(rows, _shape.Heads));
        _operations.RotateHeads.Run(
            saved.RawKey, layer.KeyNorm.Value, pass.Positions, _operations.Rope, ownKeys, Heads(rows, _shape.KvHeads));
        _operations.Attention.Run(saved.Query, keys, values, pass.Ranges, saved.Mixed, saved.LogSums, Attention(pass));
        _operations.Products.Read(saved.MixedOperand, saved.Mixed, rows);
    }

    private void FeedForwardBackward(TrainedLayer layer, Floats dx, LayerActivations saved, DepthPass pass)
    {
        var rows = pass.Count;
        var ffn = (long)rows * _shape.Ffn;
        Floats activated = _activatedGradient.Reserve(ffn), gate = _gateGradient.Reserve(ffn), up = _upGradient.Reserve(ffn);
        var normed = _normedGradient.Reserve((long)rows * _shape.Hidden);
        _projections.Backward(saved.ActivatedOperand, saved.Activated, layer.Down, _operands.Read(dx, _shape.Hidden, rows), activated, pass);
        _operations.SwiGluBackward.Run(saved.Gate, saved.Up, activated, gate, up, new SwiGluShape(rows, _shape.Ffn));
        var (gates, ups) = (_operands.Read(gate, _shape.Ffn, rows), _operands.Read(up, _shape.Ffn, rows, use: 1));
        _projections.Backward(saved.MiddleNormedOperand, saved.MiddleNormed, layer.Gate, gates, normed, pass);
        _projections.Backward(saved.MiddleNormedOperand, saved.MiddleNormed, layer.Up, ups, normed, pass, accumulate: true);
        NormBackward(saved.Middle, layer.FfnNorm, normed, dx, rows);
    }

    private void AttentionBackward(
        TrainedLayer layer, Floats dx, LayerActivations saved, Floats keys, Floats values, Floats keyGradients, Floats valueGradients, DepthPass pass)
    {
        var rows = pass.Count;
        Floats mixed = _mixedGradient.Reserve((long)rows * _shape.Heads * _shape.HeadDim), query = _queryGradient.Reserve(mixed.Length);
        var normed = _normedGradient.Reserve((long)rows * _shape.Hidden);
        _projections.Backward(saved.MixedOperand, saved.Mixed, layer.Output, _operands.Read(dx, _shape.Hidden, rows), mixed, pass);
        _operations.AttentionBackward.Run(
            saved.Query, keys, values, saved.Mixed, saved.LogSums, mixed, pass.Ranges, query, keyGradients, valueGradients, Attention(pass));
        Floats ownKeys = Own(keyGradients, pass), ownValues = Own(valueGradients, pass);
        RotateBackward(saved.RawQuery, layer.QueryNorm, query, pass, _shape.Heads);
        RotateBackward(saved.RawKey, layer.KeyNorm, ownKeys, pass, _shape.KvHeads);
        var queries = _operands.Read(query, _shape.Heads * _shape.HeadDim, rows);
        var (keyOperand, valueOperand) = (_operands.Read(ownKeys, KeyWidth, rows, use: 1), _operands.Read(ownValues, KeyWidth, rows, use: 2));
        _projections.Backward(saved.NormedOperand, saved.Normed, layer.Query, queries, normed, pass);
        _projections.Backward(saved.NormedOperand, saved.Normed, layer.Key, keyOperand, normed, pass, accumulate: true);
        _projections.Backward(saved.NormedOperand, saved.Normed, layer.Value, valueOperand, normed, pass, accumulate: true);
        NormBackward(saved.X, layer.AttentionNorm, normed, dx, rows);
    }

    private void Norm(Floats x, TrainedVector weight, Floats y, ProductOperand operand, int rows)
    {
        _operations.RmsNorm.Run(x, weight.Value, y, new RmsNormShape(rows, _shape.Hidden, _shape.Epsilon));
        _operations.Products.Read(operand, y, rows);
    }

    private void NormBackward(Floats x, TrainedVector weight, Floats dy, Floats dx, int rows) =>
        _operations.RmsNormBackward.Run(
            x, weight.Value, dy, dx, weight.Gradient, new RmsNormShape(rows, _shape.Hidden, _shape.Epsilon), addToDx: true);

    private void RotateBackward(Floats raw, TrainedVector weight, Floats gradient, DepthPass pass, int heads) =>
        _operations.RotateHeadsBackward.Run(
            raw, weight.Value, pass.Positions, _operations.Rope, gradient, gradient, weight.Gradient, Heads(pass.Count, heads));

    private RotateHeadsShape Heads(int rows, int heads) => new(rows, heads, _shape.HeadDim, _shape.Epsilon);

    private PackedAttentionShape Attention(DepthPass pass) => pass.Ranges.ShapeOf(_shape.Heads, _shape.KvHeads, _shape.HeadDim);

    private Floats Own(Floats entries, DepthPass pass) => entries.SubView((long)pass.EntryStart * KeyWidth, (long)pass.Count * KeyWidth);

    private void Copy(Floats from, Floats to, long length) =>
        from.SubView(0, length).CopyTo(_operations.Device.Accelerator.DefaultStream, to.SubView(0, length));
}
