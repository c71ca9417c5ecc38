using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradient of <see cref="Gelu"/>.</summary>
public sealed class GeluBackward
{
    private readonly ComputeDevice _device;
    private readonly GeluVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Floats, long>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public GeluBackward(ComputeDevice device, GeluVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == GeluVariant.Portable) _portable = device.Load<Floats, Floats, Floats, long>(GeluBackwardPortable.Kernel);
        else device.RequireCpu(nameof(GeluVariant.Simd));
    }

    /// <summary>dx[i] = dy[i] * ((1 + erf(x[i] / sqrt(2))) / 2 + x[i] * exp(-x[i]^2 / 2) / sqrt(2 pi)).</summary>
    /// <param name="x">[length], what the activation read.</param>
    /// <param name="dy">[length], the gradient of what it wrote.</param>
    /// <param name="dx">[length]; every element is written; may be <paramref name="x"/> or <paramref name="dy"/> itself.</param>
    /// <param name="length">Elements.</param>
    /// <exception cref="ShapeException">A view is shorter than the length; the message names it and both sizes.</exception>
    public void Run(Floats x, Floats dy, Floats dx, long length)
    {
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(dy, length, nameof(dy));
        ShapeException.ThrowIfShorter(dx, length, nameof(dx));
        if (length == 0) return;
        // Two in and one out; erf (3), an exponential, a sum and three products for every element.
        using var _ = _device.Profile(
            nameof(GeluBackward), _variant,
            new KernelWork(3 * length * sizeof(float), 8 * length, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue)));
        if (_portable is not null) _portable(Elements.Config(_device, length), x, dy, dx, length);
        else GeluBackwardSimd.Run(_device.Workers!, x, dy, dx, length);
    }
}
