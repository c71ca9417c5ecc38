namespace TaH.Kernels;

/// <summary>Every device: f32 products, turned operands in room that grows.</summary>
/// <param name="device">Where they run.</param>
internal sealed class TrainingProductsSingle(ComputeDevice device) : TrainingProducts(device)
{
    private readonly MatMulByRows _products = new(device, precision: ProductPrecision.F32);
    private readonly Transpose _transpose = new(device, device.Kind == DeviceKind.Cpu ? TransposeVariant.Simd : TransposeVariant.Portable);
    private FloatBuffer? _turnedX;
    private FloatBuffer? _turnedDy;

    public override bool CopiesOperands => false;

    public override bool Takes(int outputs, int inputs) => true;

    public override void NarrowAll(Floats values, Halves narrowed)
    {
    }

    public override void Refresh(ProductWeight weight)
    {
        if (weight.Turned is { } turned)
            _transpose.Run(weight.Straight.Singles, turned.Singles, new TransposeShape(weight.Outputs, weight.Inputs));
    }

    public override void Dispose()
    {
        _products.Dispose();
        _turnedX?.Dispose();
        _turnedDy?.Dispose();
    }

    protected override void Narrow(ProductOperand operand) => throw new InvalidOperationException("f32 operands are read where they lie");

    protected override void MultiplyChecked(ProductOperand x, WeightMatrix weight, Floats y, float alpha, bool accumulate) =>
        Multiply(x.Source, x.Rows, weight, y, alpha, accumulate);

    protected override void Accumulate(ProductOperand x, float alpha, ReadOnlySpan<WeightGradient> targets)
    {
        var turnedX = Turn(x, ref _turnedX);
        var weight = WeightMatrix.Over(ElementType.F32, x.Columns, x.Rows, turnedX, 0);
        foreach (var target in targets)
            Multiply(Turn(target.Dy, ref _turnedDy).View.BaseView, target.Dy.Columns, weight, target.Gradient, alpha, accumulate: true);
    }

    private void Multiply(Floats x, int rows, WeightMatrix weight, Floats y, float alpha, bool accumulate) =>
        _products.For(rows, weight).Run(x, weight, y, new MatMulShape(rows, weight.Columns, weight.Rows, alpha, accumulate));

    private FloatBuffer Turn(ProductOperand operand, ref FloatBuffer? room)
    {
        var length = (long)operand.Rows * operand.Columns;
        if (room is null || room.Length < length)
        {
            Device.ReplaceMemory(); // the last product may still read the old one
            room?.Dispose();
            room = Device.AllocateFloats(length);
        }
        _transpose.Run(operand.Source, room.View.BaseView, new TransposeShape(operand.Rows, operand.Columns));
        return room;
    }
}
