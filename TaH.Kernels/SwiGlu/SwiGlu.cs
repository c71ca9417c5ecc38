using ILGPU;

namespace TaH.Kernels;

/// <summary>The gated activation of the feed-forward part.</summary>
public sealed class SwiGlu
{
    private readonly ComputeDevice _device;
    private readonly SwiGluVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Floats, SwiGluShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SwiGlu(ComputeDevice device, SwiGluVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == SwiGluVariant.Portable)
            _portable = device.Load<Floats, Floats, Floats, SwiGluShape>(SwiGluPortable.Kernel);
        else
            device.RequireCpu(nameof(SwiGluVariant.Simd));
    }

    /// <summary>h[r, i] = gate[r, i] * sigmoid(gate[r, i]) * up[r, i].</summary>
    /// <param name="gate">[rows, ffn].</param>
    /// <param name="up">[rows, ffn].</param>
    /// <param name="h">[rows, ffn]; may be <paramref name="gate"/> or <paramref name="up"/> itself; every element is written.</param>
    /// <param name="shape">The sizes that all three are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <remarks>Source: arXiv 2002.05202.</remarks>
    public void Run(Floats gate, Floats up, Floats h, SwiGluShape shape)
    {
        ShapeException.ThrowIfShorter(gate, shape.Length, nameof(gate));
        ShapeException.ThrowIfShorter(up, shape.Length, nameof(up));
        ShapeException.ThrowIfShorter(h, shape.Length, nameof(h));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(SwiGlu), _variant, shape.Work);
        if (_portable is not null) _portable(Elements.Config(_device, shape.Length), gate, up, h, shape);
        else SwiGluSimd.Run(_device.Workers!, gate, up, h, shape);
    }
}
