namespace TaH.Engine;

/// <summary>A linear layer with bias of the decider, forward and backward.</summary>
/// <param name="operations">The device's operations.</param>
internal sealed class DeciderLinearPass(TrainingOperations operations) : IDisposable
{
    // Of the layer's input and of its output's gradient.
    private const int OfInput = 0, OfGradient = 1;

    private readonly OperandRoom _operands = new(operations.Products);
    private readonly OperandRoom _singles = new(operations.SingleProducts);

    /// <summary>y = x W^T + b.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="layer">The parameters.</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="count">Rows.</param>
    public void Forward(Floats x, TrainedLinear layer, Floats y, int count)
    {
        var weight = layer.Matrix.Weight;
        var (products, operands) = For(weight);
        products.Forward(operands.Read(x, weight.Inputs, count, OfInput), weight, y);
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
        var (products, operands) = For(weight);
        var gradient = operands.Read(dy, weight.Outputs, count, OfGradient);
        if (dx.Length > 0) products.InputGradient(gradient, weight, dx);
        products.WeightGradients(operands.Read(x, weight.Inputs, count, OfInput), 1, new WeightGradient(gradient, layer.Matrix.Gradient));
        operations.ColumnSums.Run(dy, layer.Bias.Gradient, new ColumnSumsShape(count, weight.Outputs));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _operands.Dispose();
        _singles.Dispose();
    }

    /// <summary>What multiplies a weight: the one that it was made for, by its type.</summary>
    private (TrainingProducts Products, OperandRoom Operands) For(ProductWeight weight) => weight.Straight.Type == ElementType.F32
        ? (operations.SingleProducts, _singles)
        : (operations.Products, _operands);
}
