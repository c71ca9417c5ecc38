namespace TaH.Engine;

/// <summary>A linear layer in both directions: the shared matrix, and on rows of deeper passes the low-rank update with its dropout.</summary>
/// <param name="operations">The device's operations.</param>
internal sealed class ProjectionPass(TrainingOperations operations) : IDisposable
{
    private readonly TrainingProducts _products = operations.Products;
    private readonly GrowingFloats _dropped = new(operations.Device);
    private readonly GrowingFloats _reduced = new(operations.Device);
    private readonly GrowingFloats _inputGradient = new(operations.Device);
    private readonly Dictionary<int, ProductOperand> _droppedOperands = [];
    private readonly Dictionary<int, ProductOperand> _reducedOperands = [];
    private int _capacity;

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
        var reducedGradient = Operand(_reducedOperands, update.Rank);
        var room = _reduced.Of((long)dy.Rows * update.Rank);
        _products.InputGradient(dy, update.B.Weight, room, update.Scale);
        _products.Read(reducedGradient, room, dy.Rows);
        _products.WeightGradients(dropped, 1, new WeightGradient(reducedGradient, update.A.Gradient));
        if (pass.Dropout is null)
        {
            _products.InputGradient(reducedGradient, update.A.Weight, dx, accumulate: true);
            return;
        }
        var length = (long)dy.Rows * x.Columns;
        var through = _inputGradient.Of(length);
        _products.InputGradient(reducedGradient, update.A.Weight, through);
        pass.Dropout.AddTo(operations, through, dx, length, update.Number, pass);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var owned in new[] { _dropped, _reduced, _inputGradient }) owned.Dispose();
        foreach (var operand in _droppedOperands.Values.Concat(_reducedOperands.Values)) operand.Dispose();
    }

    /// <summary>x with some elements set to zero, the same ones each time for the same step, pass and layer.</summary>
    private ProductOperand Drop(ProductOperand x, Floats source, TrainedUpdate update, DepthPass pass)
    {
        Reserve(x.Rows);
        if (pass.Dropout is null) return x;
        var length = (long)x.Rows * x.Columns;
        var dropped = _dropped.Of(length);
        pass.Dropout.Run(operations, source, dropped, length, update.Number, pass);
        var operand = Operand(_droppedOperands, x.Columns);
        _products.Read(operand, dropped, x.Rows);
        return operand;
    }

    private ProductOperand Reduce(ProductOperand x, TrainedUpdate update, float scale)
    {
        var room = _reduced.Of((long)x.Rows * update.Rank);
        _products.Forward(x, update.A.Weight, room, scale);
        var operand = Operand(_reducedOperands, update.Rank);
        _products.Read(operand, room, x.Rows);
        return operand;
    }

    private void Reserve(int rows)
    {
        if (rows <= _capacity) return;
        operations.Device.Synchronize(); // launched products may still read the old operands
        foreach (var operand in _droppedOperands.Values.Concat(_reducedOperands.Values)) operand.Dispose();
        _droppedOperands.Clear();
        _reducedOperands.Clear();
        _capacity = rows;
    }

    private ProductOperand Operand(Dictionary<int, ProductOperand> operands, int columns) =>
        operands.TryGetValue(columns, out var operand) ? operand : operands[columns] = _products.Allocate(_capacity, columns);
}
