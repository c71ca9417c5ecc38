using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Sets random elements to 0 and scales up the others. The mask comes from a counter-based generator: the backward pass is the same call on the
/// gradients, with the same key.
/// </summary>
public sealed class Dropout
{
    private readonly ComputeDevice _device;
    private readonly DropoutVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, DropoutMask>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public Dropout(ComputeDevice device, DropoutVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == DropoutVariant.Portable) _portable = device.Load<Floats, Floats, DropoutMask>(DropoutPortable.Kernel);
        else device.RequireCpu(nameof(DropoutVariant.Simd));
    }

    /// <summary>y[i] = 0 with the shape's probability p, else x[i] / (1 - p); which is which depends on the key and i alone.</summary>
    /// <param name="x">[length].</param>
    /// <param name="y">[length]; every element is written; may be <paramref name="x"/> itself.</param>
    /// <param name="shape">The size that both are checked against, and the probability.</param>
    /// <param name="key">Decides about every element; the same bits on every device.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not in [0, 1).</exception>
    /// <remarks>Source: Srivastava et al., JMLR 15 (2014), scaled as in torch.nn.Dropout.</remarks>
    public void Run(Floats x, Floats y, DropoutShape shape, DropoutKey key)
    {
        ShapeException.ThrowIfShorter(x, shape.Length, nameof(x));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Probability is not (>= 0f and < 1f))
            throw new ArgumentOutOfRangeException(nameof(shape), shape.Probability, "a dropout's probability is from 0 to less than 1");
        if (shape.Length == 0) return;
        var mask = new DropoutMask(shape.Length, (uint)(shape.Probability * 4294967296.0), (float)(1 / (1 - (double)shape.Probability)), key);
        using var _ = _device.Profile(nameof(Dropout), _variant, shape.Work);
        if (_portable is not null) _portable(Elements.Config(_device, mask.Tiles * DropoutMask.Lanes), x, y, mask);
        else DropoutSimd.Run(_device.Workers!, x, y, mask);
    }
}
