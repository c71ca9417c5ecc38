namespace TaH.Engine;

/// <summary>A linear layer in both directions: the shared matrix, and on rows of deeper passes the low-rank update with its dropout.</summary>
/// <param name="operations">The device's operations.</param>
internal sealed class ProjectionPass(TrainingOperations operations) : IDisposable
{
    private readonly TrainingProducts _products = operations.Products;
    private readonly Scratch _dropped = new(operations.Device);
    private readonly Scratch _reduced = new(operations.Device);
    private readonly Scratch _inputGradient = new(operations.Device);
    private readonly OperandRoom _droppedOperands = new(operations.Products);
    private readonly OperandRoom _reducedOperands = new(operations.Products);

    /// <summary>y = x W^T + scale * (dropout(x) A^T) B^T, the update on deeper passes only.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="source">The same in f32.</param>
    /// <param name="projection">The layer.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="pass">The rows.</param>
    /// <param name="accumulate">Whether y is added to.</param>
    public void Forward(ProductOperand x, Floats source, TrainedProjection projection, Floats y, DepthPass pass, bool accumulate = false)
    {
        _products.Forward(x, projection.Matrix.Weight, y, accumulate: accumulate);
        if (pass.Depth == 0 || projection.Update is not { } update) return;
        var reduced = Reduce(Drop(x, source, update, pass), update, 1);
        _products.Forward(reduced, update.B.Weight, y, update.Scale, accumulate: true);
    }

    /// <summary>The gradients of a layer: of its weights, added to, and of its input.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="source">The same in f32.</param>
    /// <param name="projection">The layer.</param>
    /// <param name="dy">[rows, outputs].</param>
    /// <param name="dx">[rows, inputs].</param>
    /// <param name="pass">The rows.</param>
    /// <param name="accumulate">Whether dx is added to.</param>
    public void Backward(
        ProductOperand x, Floats source, TrainedProjection projection, ProductOperand dy, Floats dx, DepthPass pass, bool accumulate = false)
    {
        _products.InputGradient(dy, projection.Matrix.Weight, dx, accumulate: accumulate);
        if (projection.Matrix.Gradient.Length > 0) _products.WeightGradients(x, 1, new WeightGradient(dy, projection.Matrix.Gradient));
        if (pass.Depth == 0 || projection.Update is not { } update) return;
        var dropped = Drop(x, source, update, pass);
        _products.WeightGradients(Reduce(dropped, update, update.Scale), 1, new WeightGradient(dy, update.B.Gradient));
        var room = _reduced.Reserve((long)dy.Rows * update.Rank);
        _products.InputGradient(dy, update.B.Weight, room, update.Scale);
        var reducedGradient = _reducedOperands.Read(room, update.Rank, dy.Rows);
        _products.WeightGradients(dropped, 1, new WeightGradient(reducedGradient, update.A.Gradient));
        if (pass.Dropout is null)
        {
            _products.InputGradient(reducedGradient, update.A.Weight, dx, accumulate: true);
            return;
        }
        var length = (long)dy.Rows * x.Columns;
        var through = _inputGradient.Reserve(length);
        _products.InputGradient(reducedGradient, update.A.Weight, through);
        pass.Dropout.AddTo(operations, through, dx, length, update.Number, pass);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new IDisposable[] { _dropped, _reduced, _inputGradient, _droppedOperands, _reducedOperands }) owned.Dispose();
    }

    /// <summary>x with some elements set to zero, the same ones each time for the same step, pass and layer.</summary>
    private ProductOperand Drop(ProductOperand x, Floats source, TrainedUpdate update, DepthPass pass)
    {
        if (pass.Dropout is null) return x;
        var length = (long)x.Rows * x.Columns;
        var dropped = _dropped.Reserve(length);
        pass.Dropout.Run(operations, source, dropped, length, update.Number, pass);
        return _droppedOperands.Read(dropped, x.Columns, x.Rows);
    }

    private ProductOperand Reduce(ProductOperand x, TrainedUpdate update, float scale)
    {
        var room = _reduced.Reserve((long)x.Rows * update.Rank);
        _products.Forward(x, update.A.Weight, room, scale);
        return _reducedOperands.Read(room, update.Rank, x.Rows);
    }
}
