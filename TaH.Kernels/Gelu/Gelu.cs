using ILGPU;

namespace TaH.Kernels;

/// <summary>The exact Gaussian error linear unit: the one with erf, not the tanh approximation.</summary>
public sealed class Gelu
{
    private readonly ComputeDevice _device;
    private readonly GeluVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, long>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public Gelu(ComputeDevice device, GeluVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == GeluVariant.Portable) _portable = device.Load<Floats, Floats, long>(GeluPortable.Kernel);
        else device.RequireCpu(nameof(GeluVariant.Simd));
    }

    /// <summary>y[i] = x[i] * (1 + erf(x[i] / sqrt(2))) / 2.</summary>
    /// <param name="x">[length].</param>
    /// <param name="y">[length]; may be <paramref name="x"/> itself; every element is written.</param>
    /// <param name="length">Elements.</param>
    /// <exception cref="ShapeException">A view is shorter than the length; the message names it and both sizes.</exception>
    /// <remarks>
    /// Source: arXiv 1606.08415. Infinity gives itself, minus infinity 0, NaN itself. Relative error at most 4 * 2^-24 for positive x and, since
    /// exp(-x^2 / 2) magnifies the rounding of its argument, 4 * (1 + x^2 / 2) * 2^-24 for negative x, given an exponential good to the last bit; a
    /// GPU's adds its own.
    /// </remarks>
    public void Run(Floats x, Floats y, long length)
    {
        ShapeException.ThrowIfShorter(x, length, nameof(x));
        ShapeException.ThrowIfShorter(y, length, nameof(y));
        if (length == 0) return;
        // In and out; a scale, erf, a sum and two products for every element.
        using var _ = _device.Profile(nameof(Gelu), _variant, new KernelWork(2 * length * sizeof(float), 5 * length, Rows: 1, Inner: (int)length));
        if (_portable is not null) _portable(Elements.Config(_device, length), x, y, length);
        else GeluSimd.Run(_device.Workers!, x, y, length);
    }
}
