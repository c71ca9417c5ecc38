using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>CUDA from Ampere on: operands rounded to bf16, products on tensor cores.</summary>
internal sealed class TrainingProductsBfloat16 : TrainingProducts
{
    /// <summary>Rows of an operand are followed by zeros up to a multiple of this, as <see cref="WeightGradientProducts"/> asks for.</summary>
    private const int RowsOfSlice = 64;

    private readonly Bfloat16Copy _copy;
    private readonly Bfloat16Transpose _transpose;
    private readonly TensorProducts _products;
    private readonly WeightGradientProducts _gradients;

    public TrainingProductsBfloat16(ComputeDevice device) : base(device)
    {
        var variant = MatMul.ForTensorCores(device, ProductPrecision.Auto)
            ?? throw new NotSupportedException($"{device.Info.Name} has no tensor cores that multiply bf16; train in f32 there");
        _copy = new Bfloat16Copy(device);
        _transpose = new Bfloat16Transpose(device);
        _products = TensorProducts.Create(device, variant);
        _gradients = WeightGradientProducts.Create(device, variant);
    }

    public override bool CopiesOperands => true;

    public override void NarrowAll(Floats values, Halves narrowed) => _copy.Narrow(values, narrowed, values.Length);

    public override void Refresh(ProductWeight weight)
    {
        if (weight.Turned is { } turned)
            _transpose.Run(weight.Straight.Halves, turned.Halves, new TransposeShape(weight.Outputs, weight.Inputs));
    }

    public override void Dispose() => _gradients.Dispose();

    protected override int CapacityFor(int rows) => (rows + RowsOfSlice - 1) / RowsOfSlice * RowsOfSlice;

    protected override void Narrow(ProductOperand operand)
    {
        long length = (long)operand.Rows * operand.Columns, padded = (long)CapacityFor(operand.Rows) * operand.Columns;
        _copy.Narrow(operand.Source, operand.Narrowed, length);
        if (padded > length) operand.Narrowed.SubView(length, padded - length).MemSetToZero(Device.Accelerator.DefaultStream);
    }

    protected override void MultiplyChecked(ProductOperand x, WeightMatrix weight, Floats y, float alpha, bool accumulate) =>
        _products.Run(
            Rows(x), accumulate ? TensorStore.Add : TensorStore.Replace, alpha, new TensorTarget(weight, (ulong)y.LoadEffectiveAddressAsPtr()));

    protected override void Accumulate(ProductOperand x, float alpha, ReadOnlySpan<WeightGradient> targets)
    {
        foreach (var target in targets) _gradients.Run(Rows(target.Dy), Rows(x), alpha, target.Gradient);
    }

    private static Bfloat16Rows Rows(ProductOperand operand) => new(operand.Narrowed, operand.Columns, 0, operand.Rows);
}
