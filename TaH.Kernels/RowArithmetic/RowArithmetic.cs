using ILGPU;

namespace TaH.Kernels;

/// <summary>The small steps between the larger operations of training: sums, biases, columns of a wider matrix, softmax.</summary>
public sealed class RowArithmetic
{
    private readonly ComputeDevice _device;
    private readonly RowArithmeticVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, long>? _add;
    private readonly Action<KernelConfig, Floats, Floats, RowsShape>? _addBias;
    private readonly Action<KernelConfig, Floats, Floats, ColumnsShape>? _copyColumns;
    private readonly Action<KernelConfig, Floats, Floats, RowsShape>? _softmax;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public RowArithmetic(ComputeDevice device, RowArithmeticVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == RowArithmeticVariant.Simd)
        {
            device.RequireCpu(nameof(RowArithmeticVariant.Simd));
            return;
        }
        _add = device.Load<Floats, Floats, long>(RowArithmeticPortable.Add);
        _addBias = device.Load<Floats, Floats, RowsShape>(RowArithmeticPortable.AddBias);
        _copyColumns = device.Load<Floats, Floats, ColumnsShape>(RowArithmeticPortable.CopyColumns);
        _softmax = device.Load<Floats, Floats, RowsShape>(RowArithmeticPortable.Softmax);
    }

    /// <summary>The variant to use on a device.</summary>
    public static RowArithmeticVariant Choose(ComputeDevice device) =>
        device.Kind == DeviceKind.Cpu ? RowArithmeticVariant.Simd : RowArithmeticVariant.Portable;

    /// <summary>y[i] += x[i].</summary>
    /// <param name="x">[length].</param>
    /// <param name="y">[length].</param>
    /// <param name="length">Elements.</param>
    /// <exception cref="ShapeException">A view is shorter than the length.</exception>
    public void Add(Floats x, Floats y, long length)
    {
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(y, length, nameof(y));
        if (length == 0) return;
        using var _ = Profile("Add", 3, length);
        if (_add is not null) _add(Elements.Config(_device, length), x, y, length);
        else RowArithmeticSimd.Add(_device.Workers!, x, y, length);
    }

    /// <summary>y[r, c] += bias[c].</summary>
    /// <param name="bias">[columns].</param>
    /// <param name="y">[rows, columns].</param>
    /// <param name="shape">The sizes that both are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void AddBias(Floats bias, Floats y, RowsShape shape)
    {
        ShapeException.ThrowIfShorter(bias, shape.Columns, nameof(bias));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = Profile("AddBias", 2, shape.Length);
        if (_addBias is not null) _addBias(Elements.Config(_device, shape.Length), bias, y, shape);
        else RowArithmeticSimd.AddBias(_device.Workers!, bias, y, shape);
    }

    /// <summary>target[r, toColumn + c] = source[r, fromColumn + c] for a number of columns.</summary>
    /// <param name="source">[rows, its width].</param>
    /// <param name="target">[rows, its width]; other columns stay.</param>
    /// <param name="shape">Which columns, and the widths.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or a width smaller than its columns.</exception>
    public void CopyColumns(Floats source, Floats target, ColumnsShape shape)
    {
        ShapeException.ThrowIfShorter(source, (long)shape.Rows * shape.FromWidth, nameof(source));
        ShapeException.ThrowIfShorter(target, (long)shape.Rows * shape.ToWidth, nameof(target));
        if (shape.FromColumn + shape.Columns > shape.FromWidth) throw new ShapeException(nameof(source), shape.FromWidth, shape.FromColumn + shape.Columns);
        if (shape.ToColumn + shape.Columns > shape.ToWidth) throw new ShapeException(nameof(target), shape.ToWidth, shape.ToColumn + shape.Columns);
        if (shape.Length == 0) return;
        using var _ = Profile("CopyColumns", 2, shape.Length);
        if (_copyColumns is not null) _copyColumns(Elements.Config(_device, shape.Length), source, target, shape);
        else RowArithmeticSimd.CopyColumns(_device.Workers!, source, target, shape);
    }

    /// <summary>y[r, c] = exp(x[r, c]) / sum over c of exp(x[r, c]).</summary>
    /// <param name="x">[rows, columns]; may be <paramref name="y"/> itself.</param>
    /// <param name="y">[rows, columns].</param>
    /// <param name="shape">The sizes that both are checked against; some columns.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Softmax(Floats x, Floats y, RowsShape shape)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = Profile("Softmax", 4, shape.Length);
        if (_softmax is not null) _softmax((shape.Rows, _device.GroupSize), x, y, shape);
        else RowArithmeticSimd.Softmax(_device.Workers!, x, y, shape);
    }

    private KernelScope Profile(string name, int moves, long length) =>
        _device.Profile(name, _variant, new KernelWork(moves * length * sizeof(float), length, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue)));
}
