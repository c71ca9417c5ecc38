namespace TaH.Kernels;

/// <summary>The product of activations with a linear layer's weight.</summary>
public sealed partial class MatMul : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly MatMulVariant _variant;
    private readonly MatMulPortable? _portable;
    private readonly MatMulCudaMatVec? _cudaMatVec;
    private readonly MatMulCudaWeightTiles? _cudaWeightTiles;
    private readonly MatMulTensorCores? _tensorCores;

    /// <summary>Prepares one variant for a device. The kernel of an element type is compiled when a weight of that type first comes.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public MatMul(ComputeDevice device, MatMulVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == MatMulVariant.Simd) device.RequireCpu(nameof(MatMulVariant.Simd));
        else if (variant == MatMulVariant.CudaMatVec) _cudaMatVec = new MatMulCudaMatVec(device);
        else if (variant == MatMulVariant.CudaWeightTiles) _cudaWeightTiles = new MatMulCudaWeightTiles(device);
        else if (variant is MatMulVariant.CudaMma or MatMulVariant.CudaWgmma) _tensorCores = new MatMulTensorCores(device, variant);
        else _portable = new MatMulPortable(device, variant);
    }

    /// <summary>y[r, o] = alpha * sum over i of x[r, i] * weight[o, i], plus y[r, o] when accumulating; summed in f32.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="weight">[outer, inner], in any element type.</param>
    /// <param name="y">[rows, outer]; must not overlap <paramref name="x"/>. Every element is written.</param>
    /// <param name="shape">The sizes that all three are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter, or the weight has another size, than the shape says.</exception>
    public void Run(Floats x, WeightMatrix weight, Floats y, MatMulShape shape)
    {
        Check(x, weight, y, shape);
        // Without a bias its place is taken by x, which no kernel reads there: an empty view has no address to hand over.
        Launch(x, weight, x, y, shape, addBias: false);
    }

    /// <summary>y[r, o] = alpha * sum over i of x[r, i] * weight[o, i] + bias[o], plus y[r, o] when accumulating; summed in f32.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="weight">[outer, inner], in any element type.</param>
    /// <param name="bias">[outer].</param>
    /// <param name="y">[rows, outer]; must not overlap <paramref name="x"/>. Every element is written.</param>
    /// <param name="shape">The sizes that all four are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter, or the weight has another size, than the shape says.</exception>
    public void Run(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulShape shape)
    {
        Check(x, weight, y, shape);
        ShapeException.ThrowIfShorter(bias, shape.Outer, nameof(bias));
        Launch(x, weight, bias, y, shape, addBias: true);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cudaWeightTiles?.Dispose();
        _tensorCores?.Dispose();
    }

    private static void Check(Floats x, WeightMatrix weight, Floats y, MatMulShape shape)
    {
        if (weight.Rows != shape.Outer) throw new ShapeException("weight rows", weight.Rows, shape.Outer);
        if (weight.Columns != shape.Inner) throw new ShapeException("weight columns", weight.Columns, shape.Inner);
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Inner, nameof(x));
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * shape.Outer, nameof(y));
    }

    private void Launch(Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulShape shape, bool addBias)
    {
        if (shape.Rows == 0 || shape.Outer == 0) return;
        using var _ = _device.Profile(nameof(MatMul), _variant, shape.Work(weight.Type));
        var task = new MatMulTask(shape.Rows, shape.Inner, shape.Outer, shape.Alpha, shape.Accumulate ? 1 : 0, addBias ? 1 : 0);
        if (_portable is not null) _portable.Run(x, weight, bias, y, task);
        else if (_cudaMatVec is not null) _cudaMatVec.Run(x, weight, bias, y, task);
        else if (_cudaWeightTiles is not null) _cudaWeightTiles.Run(x, weight, bias, y, task);
        else if (_tensorCores is not null) _tensorCores.Run(x, weight, bias, y, task);
        else MatMulSimd.Run(_device.Workers!, x, weight, bias, y, task);
    }
}
