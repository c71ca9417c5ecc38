namespace TaH.Kernels;

/// <summary>
/// The three products of a linear layer y = x W^T in training: the layer itself, the gradient of its input, dx = dy W, and of its weight,
/// dW = dy^T x. All three are one kind of product, rows against rows, of operands that are turned over where it takes that.
/// </summary>
public abstract class TrainingProducts : IDisposable
{
    /// <summary>Prepares the products of a device.</summary>
    /// <param name="device">Where they run.</param>
    protected TrainingProducts(ComputeDevice device) => Device = device;

    /// <summary>Where they run.</summary>
    public ComputeDevice Device { get; }

    /// <summary>Whether operands are copies, so that what they were read from may change.</summary>
    public abstract bool CopiesOperands { get; }

    /// <summary>Whether a weight may have these sizes.</summary>
    /// <param name="outputs">Rows of the weight.</param>
    /// <param name="inputs">Its columns.</param>
    public abstract bool Takes(int outputs, int inputs);

    /// <summary>The products of a device.</summary>
    /// <param name="device">Where they run.</param>
    /// <param name="precision">What they multiply.</param>
    /// <exception cref="NotSupportedException">The device does not multiply bf16.</exception>
    public static TrainingProducts Create(ComputeDevice device, TrainingPrecision precision) => precision switch
    {
        TrainingPrecision.F32 => new TrainingProductsSingle(device),
        _ => new TrainingProductsBfloat16(device),
    };

    /// <summary>Room for rows; the caller disposes of it.</summary>
    /// <param name="capacity">The most rows.</param>
    /// <param name="columns">Elements of a row.</param>
    public ProductOperand Allocate(int capacity, int columns) => new(Device, CapacityFor(capacity), columns, CopiesOperands);

    /// <summary>Makes an operand hold rows. Unless <see cref="CopiesOperands"/>, they must not change while it is used.</summary>
    /// <param name="operand">Its columns say how the rows lie.</param>
    /// <param name="source">[rows, columns].</param>
    /// <param name="rows">At most its capacity.</param>
    public void Read(ProductOperand operand, Floats source, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, operand.Capacity);
        ShapeException.ThrowIfShorter(source, (long)rows * operand.Columns, nameof(source));
        operand.Hold(source, rows);
        if (CopiesOperands && rows > 0) Narrow(operand);
    }

    /// <summary>y = alpha * x W^T, added to what is there or replacing it.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="y">[rows, outputs].</param>
    /// <param name="alpha">What every sum is multiplied with.</param>
    /// <param name="accumulate">Whether y is added to.</param>
    public void Forward(ProductOperand x, ProductWeight weight, Floats y, float alpha = 1, bool accumulate = false) =>
        Multiply(x, weight.Straight, y, alpha, accumulate);

    /// <summary>dx = alpha * dy W, added to what is there or replacing it.</summary>
    /// <param name="dy">[rows, outputs].</param>
    /// <param name="weight">[outputs, inputs]; it lets gradients through.</param>
    /// <param name="dx">[rows, inputs].</param>
    /// <param name="alpha">What every sum is multiplied with.</param>
    /// <param name="accumulate">Whether dx is added to.</param>
    public void InputGradient(ProductOperand dy, ProductWeight weight, Floats dx, float alpha = 1, bool accumulate = false) =>
        Multiply(dy, weight.Turned ?? throw new InvalidOperationException("the weight was made for the forward pass alone"), dx, alpha, accumulate);

    /// <summary>gradient += alpha * dy^T x for layers that read the same x.</summary>
    /// <param name="x">[rows, inputs].</param>
    /// <param name="alpha">What every sum is multiplied with.</param>
    /// <param name="targets">Of each layer dy, [rows, outputs], and the gradient, [outputs, inputs], that is added to.</param>
    public void WeightGradients(ProductOperand x, float alpha, params ReadOnlySpan<WeightGradient> targets)
    {
        foreach (var target in targets)
        {
            ShapeException.ThrowIfDifferent(target.Dy.Rows, x.Rows, nameof(target.Dy));
            ShapeException.ThrowIfShorter(target.Gradient, (long)target.Dy.Columns * x.Columns, nameof(target.Gradient));
        }
        if (x.Rows > 0) Accumulate(x, alpha, targets);
    }

    /// <summary>A weight that products read; the caller disposes of it. See <see cref="Refresh"/>.</summary>
    /// <param name="straight">[outputs, inputs] in the type that products read.</param>
    /// <param name="letsGradientsThrough">Whether <see cref="InputGradient"/> is asked for.</param>
    public ProductWeight Weight(WeightMatrix straight, bool letsGradientsThrough) =>
        new(straight, letsGradientsThrough ? WeightMatrix.Allocate(Device, straight.Type, straight.Columns, straight.Rows) : null);

    /// <summary>Rounds weights for products to read; does nothing where they read f32.</summary>
    /// <param name="values">A multiple of 8 elements.</param>
    /// <param name="narrowed">As many; empty where products read f32.</param>
    public abstract void NarrowAll(Floats values, Halves narrowed);

    /// <summary>Turns a weight over again after it has changed.</summary>
    public abstract void Refresh(ProductWeight weight);

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>Rows that operands of so many rows have room for.</summary>
    protected virtual int CapacityFor(int rows) => rows;

    /// <summary>Rounds an operand's source.</summary>
    protected abstract void Narrow(ProductOperand operand);

    /// <summary>y = alpha * x W^T; all sizes fit.</summary>
    protected abstract void MultiplyChecked(ProductOperand x, WeightMatrix weight, Floats y, float alpha, bool accumulate);

    /// <summary>As <see cref="WeightGradients"/>, checked, for one row and more.</summary>
    protected abstract void Accumulate(ProductOperand x, float alpha, ReadOnlySpan<WeightGradient> targets);

    private void Multiply(ProductOperand x, WeightMatrix weight, Floats y, float alpha, bool accumulate)
    {
        ShapeException.ThrowIfDifferent(weight.Columns, x.Columns, "weight columns");
        ShapeException.ThrowIfShorter(y, (long)x.Rows * weight.Rows, nameof(y));
        if (x.Rows > 0) MultiplyChecked(x, weight, y, alpha, accumulate);
    }
}

/// <summary>What <see cref="TrainingProducts.WeightGradients"/> adds to.</summary>
/// <param name="Dy">[rows, outputs].</param>
/// <param name="Gradient">[outputs, inputs], added to.</param>
public readonly record struct WeightGradient(ProductOperand Dy, Floats Gradient);

/// <summary>What products of training multiply.</summary>
public enum TrainingPrecision
{
    /// <summary>f32 everywhere.</summary>
    F32,

    /// <summary>Operands rounded to bf16, sums f32; for tensor cores.</summary>
    Bf16,
}
