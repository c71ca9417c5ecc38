using ILGPU;

namespace TaH.Kernels;

/// <summary>Rows become columns.</summary>
public sealed class Transpose
{
    internal const int Tile = 32;

    private readonly ComputeDevice _device;
    private readonly TransposeVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, TransposeShape>? _singles;
    private readonly Action<KernelConfig, Halves, Halves, TransposeShape>? _halves;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public Transpose(ComputeDevice device, TransposeVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == TransposeVariant.Simd)
        {
            device.RequireCpu(nameof(TransposeVariant.Simd));
            return;
        }
        _singles = device.Load<Floats, Floats, TransposeShape>(TransposePortable.Kernel<float>);
        _halves = device.Load<Halves, Halves, TransposeShape>(TransposePortable.Kernel<ushort>);
    }

    /// <summary>The variant to use on a device.</summary>
    public static TransposeVariant Choose(ComputeDevice device) =>
        device.Kind == DeviceKind.Cpu ? TransposeVariant.Simd : TransposeVariant.Portable;

    /// <summary>y[c, r] = x[r, c].</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="y">[columns, rows]; must not overlap <paramref name="x"/>.</param>
    /// <param name="shape">The sizes that both are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Run(Floats x, Floats y, TransposeShape shape)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(Transpose), _variant, new KernelWork(2 * shape.Length * sizeof(float), 0, shape.Rows, shape.Columns));
        if (_singles is not null) _singles(Config(shape), x, y, shape);
        else TransposeSimd.Run(_device.Workers!, x, y, shape);
    }

    /// <summary>y[c, r] = x[r, c] for elements of 16 bits; not on the CPU.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="y">[columns, rows]; must not overlap <paramref name="x"/>.</param>
    /// <param name="shape">The sizes that both are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Run(Halves x, Halves y, TransposeShape shape)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (_halves is null) throw new NotSupportedException("elements of 16 bits are transposed on GPUs only");
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(Transpose), _variant, new KernelWork(2 * shape.Length * sizeof(ushort), 0, shape.Rows, shape.Columns));
        _halves(Config(shape), x, y, shape);
    }

    private KernelConfig Config(TransposeShape shape) =>
        new(checked((int)((long)Pieces(shape.Rows) * Pieces(shape.Columns))), Math.Min(_device.GroupSize, 8 * Tile));

    private static int Pieces(int length) => (length + Tile - 1) / Tile;
}
