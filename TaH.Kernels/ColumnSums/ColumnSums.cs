using ILGPU;

namespace TaH.Kernels;

/// <summary>Adds up rows, in an order that the shape alone decides: the gradient of a bias.</summary>
public sealed class ColumnSums : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly ColumnSumsVariant _variant;
    private readonly Scratch _partials;
    private readonly Action<KernelConfig, Floats, Floats, ColumnSumsShape, int>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public ColumnSums(ComputeDevice device, ColumnSumsVariant variant)
    {
        (_device, _variant, _partials) = (device, variant, new Scratch(device));
        if (variant == ColumnSumsVariant.Portable) _portable = device.Load<Floats, Floats, ColumnSumsShape, int>(ColumnSumsPortable.Kernel);
        else device.RequireCpu(nameof(ColumnSumsVariant.Simd));
    }

    /// <summary>sums[c] += the sum over r of x[r, c], in f32, as a tree over the rows.</summary>
    /// <param name="x">[rows, columns].</param>
    /// <param name="sums">[columns]; added to.</param>
    /// <param name="shape">The sizes that both are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Floats sums, ColumnSumsShape shape)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(sums, shape.Columns, nameof(sums));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(ColumnSums), _variant, shape.Work);
        if (_portable is not null) RunPortable(_portable, x, sums, shape);
        else ColumnSumsSimd.Run(_device.Workers!, x, sums, _partials.Reserve((long)new RowChunks(shape.Rows).Count * shape.Columns), shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _partials.Dispose();

    private void RunPortable(Action<KernelConfig, Floats, Floats, ColumnSumsShape, int> launch, Floats x, Floats sums, ColumnSumsShape shape)
    {
        var blocks = (shape.Columns + _device.GroupSize - 1) / _device.GroupSize;
        var room = shape.Rows > ColumnSumsPortable.RowsOfThread ? _partials.Reserve(RoomFor(shape)) : default;
        var used = 0L;
        while (shape.Rows > ColumnSumsPortable.RowsOfThread)
        {
            var left = shape with { Rows = ColumnSumsPortable.RowsLeft(shape.Rows) };
            var partials = room.SubView(used, left.Length);
            launch((checked(blocks * left.Rows), _device.GroupSize), x, partials, shape, 0);
            (x, shape, used) = (partials, left, used + left.Length);
        }
        launch((blocks, _device.GroupSize), x, sums, shape, 1);
    }

    /// <summary>Elements that all launches but the last leave.</summary>
    private static long RoomFor(ColumnSumsShape shape)
    {
        var room = 0L;
        for (var rows = shape.Rows; rows > ColumnSumsPortable.RowsOfThread;)
        {
            rows = ColumnSumsPortable.RowsLeft(rows);
            room += (long)rows * shape.Columns;
        }
        return room;
    }
}
