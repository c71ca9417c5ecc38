using ILGPU;

namespace TaH.Kernels;

/// <summary>Rows that are chosen by number: brought side by side, and back.</summary>
public sealed class SelectRows
{
    private readonly ComputeDevice _device;
    private readonly SelectRowsVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, SelectRowsShape>? _gather;
    private readonly Action<KernelConfig, Floats, Ints, Floats, Floats, SelectRowsShape>? _gatherAdd;
    private readonly Action<KernelConfig, Floats, Ints, Floats, SelectRowsShape>? _scatter;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SelectRows(ComputeDevice device, SelectRowsVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == SelectRowsVariant.Simd)
        {
            device.RequireCpu(nameof(SelectRowsVariant.Simd));
            return;
        }
        _gather = device.Load<Floats, Ints, Floats, SelectRowsShape>(SelectRowsPortable.Gather);
        _gatherAdd = device.Load<Floats, Ints, Floats, Floats, SelectRowsShape>(SelectRowsPortable.GatherAdd);
        _scatter = device.Load<Floats, Ints, Floats, SelectRowsShape>(SelectRowsPortable.Scatter);
    }

    /// <summary>The variant to use on a device.</summary>
    public static SelectRowsVariant Choose(ComputeDevice device) =>
        device.Kind == DeviceKind.Cpu ? SelectRowsVariant.Simd : SelectRowsVariant.Portable;

    /// <summary>y[i] = x[rows[i]].</summary>
    /// <param name="x">[any, width].</param>
    /// <param name="rows">[count]; all within x.</param>
    /// <param name="y">[count, width].</param>
    /// <param name="shape">The sizes that y and rows are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Gather(Floats x, Ints rows, Floats y, SelectRowsShape shape)
    {
        ShapeException.ThrowIfShorter(rows, shape.Count, nameof(rows));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = Profile("Gather", 2, shape);
        if (_gather is not null) _gather(Elements.Config(_device, shape.Length), x, rows, y, shape);
        else SelectRowsSimd.Gather(_device.Workers!, x, rows, y, shape);
    }

    /// <summary>y[i] = x[rows[i]] + z[i].</summary>
    /// <param name="x">[any, width].</param>
    /// <param name="rows">[count]; all within x.</param>
    /// <param name="z">[count, width].</param>
    /// <param name="y">[count, width]; may be <paramref name="z"/> itself.</param>
    /// <param name="shape">The sizes that y, z and rows are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void GatherAdd(Floats x, Ints rows, Floats z, Floats y, SelectRowsShape shape)
    {
        ShapeException.ThrowIfShorter(rows, shape.Count, nameof(rows));
        ShapeException.ThrowIfShorter(z, shape.Length, nameof(z));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = Profile("GatherAdd", 3, shape);
        if (_gatherAdd is not null) _gatherAdd(Elements.Config(_device, shape.Length), x, rows, z, y, shape);
        else SelectRowsSimd.GatherAdd(_device.Workers!, x, rows, z, y, shape);
    }

    /// <summary>y[rows[i]] = x[i]; other rows stay.</summary>
    /// <param name="x">[count, width].</param>
    /// <param name="rows">[count], no number twice; all within y.</param>
    /// <param name="y">[any, width].</param>
    /// <param name="shape">The sizes that x and rows are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Scatter(Floats x, Ints rows, Floats y, SelectRowsShape shape)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(rows, shape.Count, nameof(rows));
        if (shape.Length == 0) return;
        using var _ = Profile("Scatter", 2, shape);
        if (_scatter is not null) _scatter(Elements.Config(_device, shape.Length), x, rows, y, shape);
        else SelectRowsSimd.Scatter(_device.Workers!, x, rows, y, shape);
    }

    private KernelScope Profile(string name, int moves, SelectRowsShape shape) =>
        _device.Profile(name, _variant, new KernelWork(moves * shape.Length * sizeof(float), 0, shape.Count, shape.Width));
}
