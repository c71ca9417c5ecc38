namespace TaH.Engine;

/// <summary>A linear layer with bias of the decider, forward and backward, in f32.</summary>
/// <param name="operations">The device's operations.</param>
/// <param name="rows">The most rows.</param>
internal sealed class DeciderLinearPass(TrainingOperations operations, int rows) : IDisposable
{
    private readonly TrainingProducts _products = operations.SingleProducts;
    private readonly Dictionary<(int Columns, bool Gradient), ProductOperand> _operands = [];

    /// <summary>y = x W^T + b.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="layer">The parameters.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="count">Rows.</param>
    public void Forward(Floats x, TrainedLinear layer, Floats y, int count)
    {
        var weight = layer.Matrix.Weight;
        _products.Forward(Operand(x, weight.Inputs, count, gradient: false), weight, y);
        operations.Rows.AddBias(layer.Bias.Value, y, new RowsShape(count, weight.Outputs));
    }

    /// <summary>Adds the gradients of weight and bias, and writes that of x.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="layer">The parameters.</param>
    /// <param name="dy">[rows, outputs].</param>
    /// <param name="dx">[rows, inputs]; an empty view if nobody wants it.</param>
    /// <param name="count">Rows.</param>
    public void Backward(Floats x, TrainedLinear layer, Floats dy, Floats dx, int count)
    {
        var weight = layer.Matrix.Weight;
        var gradient = Operand(dy, weight.Outputs, count, gradient: true);
        if (dx.Length > 0) _products.InputGradient(gradient, weight, dx);
        _products.WeightGradients(Operand(x, weight.Inputs, count, gradient: false), 1, new WeightGradient(gradient, layer.Matrix.Gradient));
        operations.ColumnSums.Run(dy, layer.Bias.Gradient, new ColumnSumsShape(count, weight.Outputs));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var operand in _operands.Values) operand.Dispose();
    }

    private ProductOperand Operand(Floats source, int columns, int count, bool gradient)
    {
        if (!_operands.TryGetValue((columns, gradient), out var operand))
            _operands[(columns, gradient)] = operand = _products.Allocate(rows, columns);
        _products.Read(operand, source, count);
        return operand;
    }
}
