using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradients of <see cref="RmsNorm"/>: of its input and of its weight.</summary>
public sealed class RmsNormBackward : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly RmsNormVariant _variant;
    private readonly Scratch _partials;
    private readonly ColumnSums? _sums;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, Floats, RmsNormShape, int>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public RmsNormBackward(ComputeDevice device, RmsNormVariant variant)
    {
        (_device, _variant, _partials) = (device, variant, new Scratch(device));
        if (variant == RmsNormVariant.Portable)
        {
            _portable = device.Load<Floats, Floats, Floats, Floats, Floats, RmsNormShape, int>(RmsNormBackwardPortable.Kernel);
            _sums = new ColumnSums(device, ColumnSumsVariant.Portable);
        }
        else
        {
            device.RequireCpu(nameof(RmsNormVariant.Simd));
        }
    }

    /// <summary>
    /// With s = 1 / sqrt(mean of x[r]^2 + epsilon), n = x[r] * s and g = dy[r] * weight: dx[r] = s * (g - n * mean of g * n), and
    /// dWeight[i] += the sum over r of dy[r, i] * n[i]; all sums in f32, in an order that the shape alone decides.
    /// </summary>
    /// <param name="x">[rows, hidden], what the norm read.</param>
    /// <param name="weight">[hidden].</param>
    /// <param name="dy">[rows, hidden], the gradient of what it wrote.</param>
    /// <param name="dx">[rows, hidden]; written or added to; may be <paramref name="dy"/> itself where it is written.</param>
    /// <param name="dWeight">[hidden]; added to.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <param name="addToDx">Whether the gradient is added to what dx holds, as beside a residual, instead of replacing it.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Floats weight, Floats dy, Floats dx, Floats dWeight, RmsNormShape shape, bool addToDx)
    {
        var length = (long)shape.Rows * shape.Hidden;
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(weight, shape.Hidden, nameof(weight));
        ShapeException.ThrowIfShorter(dy, length, nameof(dy));
        ShapeException.ThrowIfShorter(dx, length, nameof(dx));
        ShapeException.ThrowIfShorter(dWeight, shape.Hidden, nameof(dWeight));
        if (length == 0) return;
        using var _ = _device.Profile(nameof(RmsNormBackward), _variant, shape.BackwardWork(addToDx));
        var groups = _portable is null ? new RowChunks(shape.Rows).Count : RmsNormBackwardPortable.Groups(shape.Rows);
        var partials = _partials.Reserve((long)groups * shape.Hidden);
        var sums = new ColumnSumsShape(groups, shape.Hidden);
        if (_portable is not null)
        {
            _portable((groups, _device.GroupSize), x, weight, dy, dx, partials, shape, addToDx ? 1 : 0);
            _sums!.Run(partials, dWeight, sums);
        }
        else
        {
            RmsNormBackwardSimd.Run(_device.Workers!, x, weight, dy, dx, partials, shape, addToDx);
            ColumnSumsSimd.Add(partials, dWeight, sums);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sums?.Dispose();
        _partials.Dispose();
    }
}
