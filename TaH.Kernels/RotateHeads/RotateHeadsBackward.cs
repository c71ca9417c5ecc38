using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradients of <see cref="RotateHeads"/>: of the projection and of the norm's weight.</summary>
public sealed class RotateHeadsBackward : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly RotateHeadsVariant _variant;
    private readonly Scratch _partials;
    private readonly ColumnSums? _sums;
    private readonly Action<KernelConfig, Floats, Floats, Ints, Floats, Floats, Floats, Floats, RotateHeadsShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public RotateHeadsBackward(ComputeDevice device, RotateHeadsVariant variant)
    {
        (_device, _variant, _partials) = (device, variant, new Scratch(device));
        if (variant == RotateHeadsVariant.Portable)
        {
            _portable = device.Load<Floats, Floats, Ints, Floats, Floats, Floats, Floats, RotateHeadsShape>(RotateHeadsBackwardPortable.Kernel);
            _sums = new ColumnSums(device, ColumnSumsVariant.Portable);
        }
        else
        {
            device.RequireCpu(nameof(RotateHeadsVariant.Simd));
        }
    }

    /// <summary>Turns dy back by the row's angles, then goes through the norm of each head as <see cref="RmsNormBackward"/> does.</summary>
    /// <param name="x">[rows, heads, headDim], the projection that <see cref="RotateHeads"/> read.</param>
    /// <param name="weight">[headDim].</param>
    /// <param name="positions">[rows]; each below the positions that <paramref name="rope"/> was asked to reserve.</param>
    /// <param name="rope">The angles.</param>
    /// <param name="dy">[rows, heads, headDim], the gradient of what it wrote.</param>
    /// <param name="dx">[rows, heads, headDim]; every element is written; may be <paramref name="dy"/> itself.</param>
    /// <param name="dWeight">[headDim]; added to.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Floats weight, Ints positions, RopeTable rope, Floats dy, Floats dx, Floats dWeight, RotateHeadsShape shape)
    {
        RotateHeads.Check(x, weight, positions, rope, shape);
        ShapeException.ThrowIfShorter(dy, shape.Length, nameof(dy));
        ShapeException.ThrowIfShorter(dx, shape.Length, nameof(dx));
        ShapeException.ThrowIfShorter(dWeight, shape.HeadDim, nameof(dWeight));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(RotateHeadsBackward), _variant, shape.BackwardWork);
        var groups = _portable is null ? new RowChunks(shape.Rows).Count : RotateHeadsBackwardPortable.Groups(shape);
        var partials = _partials.Reserve((long)groups * shape.HeadDim);
        var sums = new ColumnSumsShape(groups, shape.HeadDim);
        if (_portable is not null)
        {
            _portable((groups, RotateHeads.GroupSize(_device)), x, weight, positions, rope.View, dy, dx, partials, shape);
            _sums!.Run(partials, dWeight, sums);
        }
        else
        {
            RotateHeadsBackwardSimd.Run(_device.Workers!, x, weight, positions, rope.View, dy, dx, partials, shape);
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
