using ILGPU;

namespace TaH.Kernels;

/// <summary>Turns rows into columns.</summary>
public sealed class Transpose
{
    private readonly ComputeDevice _device;
    private readonly TransposeVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, TransposeShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public Transpose(ComputeDevice device, TransposeVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == TransposeVariant.Simd) device.RequireCpu(nameof(TransposeVariant.Simd));
        else _portable = device.Load<Floats, Floats, TransposeShape>(TransposePortable.Kernel);
    }

    /// <summary>y[c, r] = x[r, c].</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="y">[columns, rows]; every element is written. Not <paramref name="x"/> itself.</param>
    /// <param name="shape">The sizes that both are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Floats y, TransposeShape shape)
    {
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Columns, nameof(x));
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * shape.Columns, nameof(y));
        if (shape.Rows == 0 || shape.Columns == 0) return;
        using var _ = _device.Profile(nameof(Transpose), _variant, shape.Work(2 * sizeof(float)));
        if (_portable is not null) _portable(TransposeTiles.Config(_device, shape, TransposePortable.Side), x, y, shape);
        else TransposeSimd.Run(_device.Workers!, x, y, shape);
    }
}
