using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradients of <see cref="LayerNorm"/>: of its input, its weight and its bias.</summary>
public sealed class LayerNormBackward : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly LayerNormVariant _variant;
    private readonly Scratch _partials;
    private readonly ColumnSums? _sums;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, Floats, Floats, LayerNormShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public LayerNormBackward(ComputeDevice device, LayerNormVariant variant)
    {
        (_device, _variant, _partials) = (device, variant, new Scratch(device));
        if (variant == LayerNormVariant.Portable)
        {
            _portable = device.Load<Floats, Floats, Floats, Floats, Floats, Floats, LayerNormShape>(LayerNormBackwardPortable.Kernel);
            _sums = new ColumnSums(device, ColumnSumsVariant.Portable);
        }
        else
        {
            device.RequireCpu(nameof(LayerNormVariant.Simd));
        }
    }

    /// <summary>
    /// With s = 1 / sqrt(variance of x[r] + epsilon), n = (x[r] - mean of x[r]) * s and g = dy[r] * weight:
    /// dx[r] = s * (g - mean of g - n * mean of g * n), dWeight[i] += the sum over r of dy[r, i] * n[i], dBias[i] += the sum over r of dy[r, i]; all
    /// sums in f32, in an order that the shape alone decides.
    /// </summary>
    /// <param name="x">[rows, width], what the norm read.</param>
    /// <param name="weight">[width].</param>
    /// <param name="dy">[rows, width], the gradient of what it wrote.</param>
    /// <param name="dx">[rows, width]; every element is written; may be <paramref name="dy"/> itself.</param>
    /// <param name="dWeight">[width]; added to.</param>
    /// <param name="dBias">[width]; added to.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats x, Floats weight, Floats dy, Floats dx, Floats dWeight, Floats dBias, LayerNormShape shape)
    {
        var length = (long)shape.Rows * shape.Width;
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(weight, shape.Width, nameof(weight));
        ShapeException.ThrowIfShorter(dy, length, nameof(dy));
        ShapeException.ThrowIfShorter(dx, length, nameof(dx));
        ShapeException.ThrowIfShorter(dWeight, shape.Width, nameof(dWeight));
        ShapeException.ThrowIfShorter(dBias, shape.Width, nameof(dBias));
        if (length == 0) return;
        using var _ = _device.Profile(nameof(LayerNormBackward), _variant, shape.BackwardWork);
        var groups = _portable is null ? new RowChunks(shape.Rows).Count : LayerNormBackwardPortable.Groups(shape.Rows);
        var sums = new ColumnSumsShape(groups, shape.Width);
        var room = _partials.Reserve(2 * sums.Length);
        Floats weights = room.SubView(0, sums.Length), biases = room.SubView(sums.Length, sums.Length);
        if (_portable is not null)
        {
            _portable((groups, _device.GroupSize), x, weight, dy, dx, weights, biases, shape);
            _sums!.Run(weights, dWeight, sums);
            _sums.Run(biases, dBias, sums);
        }
        else
        {
            LayerNormBackwardSimd.Run(_device.Workers!, x, weight, dy, dx, weights, biases, shape);
            ColumnSumsSimd.Add(weights, dWeight, sums);
            ColumnSumsSimd.Add(biases, dBias, sums);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _sums?.Dispose();
        _partials.Dispose();
    }
}
