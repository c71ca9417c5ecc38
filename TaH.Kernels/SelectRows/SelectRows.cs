using ILGPU;

namespace TaH.Kernels;

/// <summary>Takes chosen rows out of a table and puts rows back there: what goes from a pass to the next one, which has fewer rows.</summary>
public sealed class SelectRows
{
    private readonly ComputeDevice _device;
    private readonly SelectRowsVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, RowSpread>? _gather;
    private readonly Action<KernelConfig, Floats, Ints, Floats, RowSpread>? _scatter;
    private readonly Action<KernelConfig, Floats, Ints, Floats, RowSpread>? _scatterAdd;
    private readonly Action<KernelConfig, Floats, Ints, Floats, Floats, RowSpread>? _gatherAdd;

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
        _gather = device.Load<Floats, Ints, Floats, RowSpread>(SelectRowsPortable.Gather);
        _scatter = device.Load<Floats, Ints, Floats, RowSpread>(SelectRowsPortable.Scatter);
        _scatterAdd = device.Load<Floats, Ints, Floats, RowSpread>(SelectRowsPortable.ScatterAdd);
        _gatherAdd = device.Load<Floats, Ints, Floats, Floats, RowSpread>(SelectRowsPortable.GatherAdd);
    }

    /// <summary>y[i] = x[indices[i]].</summary>
    /// <param name="x">[any, width].</param>
    /// <param name="indices">[count] rows of x; any of them more than once.</param>
    /// <param name="y">[count, width]; every element is written. Not <paramref name="x"/> itself.</param>
    /// <param name="shape">The sizes that indices and y are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Gather(Floats x, Ints indices, Floats y, SelectRowsShape shape)
    {
        if (!Check(y, nameof(y), indices, shape)) return;
        using var _ = _device.Profile(nameof(SelectRows) + nameof(Gather), _variant, shape.Work(moves: 2, adds: false));
        if (_gather is null) SelectRowsSimd.Gather(_device.Workers!, x, indices, y, shape);
        else Launch(_gather, x, indices, y, shape);
    }

    /// <summary>y[i] = x[indices[i]] + addend[i].</summary>
    /// <param name="x">[any, width].</param>
    /// <param name="indices">[count] rows of x; any of them more than once.</param>
    /// <param name="addend">[count, width]; may be <paramref name="y"/> itself.</param>
    /// <param name="y">[count, width]; every element is written. Not <paramref name="x"/> itself.</param>
    /// <param name="shape">The sizes that all but x are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void GatherAdd(Floats x, Ints indices, Floats addend, Floats y, SelectRowsShape shape)
    {
        ShapeException.ThrowIfShorter(addend, (long)shape.Count * shape.Width, nameof(addend));
        if (!Check(y, nameof(y), indices, shape)) return;
        using var _ = _device.Profile(nameof(SelectRows) + nameof(GatherAdd), _variant, shape.Work(moves: 3, adds: true));
        var spread = RowSpread.InPieces(_device, shape.Count, shape.Width);
        if (_gatherAdd is null) SelectRowsSimd.GatherAdd(_device.Workers!, x, indices, addend, y, shape);
        else _gatherAdd(spread.Config(_device), x, indices, addend, y, spread);
    }

    /// <summary>y[indices[i]] = x[i].</summary>
    /// <param name="x">[count, width].</param>
    /// <param name="indices">[count] rows of y; none more than once.</param>
    /// <param name="y">[any, width]; other rows stay as they are. Not <paramref name="x"/> itself.</param>
    /// <param name="shape">The sizes that indices and x are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Scatter(Floats x, Ints indices, Floats y, SelectRowsShape shape)
    {
        if (!Check(x, nameof(x), indices, shape)) return;
        using var _ = _device.Profile(nameof(SelectRows) + nameof(Scatter), _variant, shape.Work(moves: 2, adds: false));
        if (_scatter is null) SelectRowsSimd.Scatter(_device.Workers!, x, indices, y, shape, add: false);
        else Launch(_scatter, x, indices, y, shape);
    }

    /// <summary>y[indices[i]] += x[i].</summary>
    /// <param name="x">[count, width].</param>
    /// <param name="indices">[count] rows of y; none more than once.</param>
    /// <param name="y">[any, width]; other rows stay as they are. Not <paramref name="x"/> itself.</param>
    /// <param name="shape">The sizes that indices and x are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void ScatterAdd(Floats x, Ints indices, Floats y, SelectRowsShape shape)
    {
        if (!Check(x, nameof(x), indices, shape)) return;
        using var _ = _device.Profile(nameof(SelectRows) + nameof(ScatterAdd), _variant, shape.Work(moves: 3, adds: true));
        if (_scatterAdd is null) SelectRowsSimd.Scatter(_device.Workers!, x, indices, y, shape, add: true);
        else Launch(_scatterAdd, x, indices, y, shape);
    }

    private static bool Check(Floats rows, string name, Ints indices, SelectRowsShape shape)
    {
        ShapeException.ThrowIfShorter(rows, (long)shape.Count * shape.Width, name);
        ShapeException.ThrowIfShorter(indices, shape.Count, nameof(indices));
        return shape.Count > 0;
    }

    private void Launch(Action<KernelConfig, Floats, Ints, Floats, RowSpread> kernel, Floats x, Ints indices, Floats y, SelectRowsShape shape)
    {
        var spread = RowSpread.InPieces(_device, shape.Count, shape.Width);
        kernel(spread.Config(_device), x, indices, y, spread);
    }
}
