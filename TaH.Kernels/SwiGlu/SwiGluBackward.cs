using ILGPU;

namespace TaH.Kernels;

/// <summary>The gradients of <see cref="SwiGlu"/>.</summary>
public sealed class SwiGluBackward
{
    private readonly ComputeDevice _device;
    private readonly SwiGluVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, Floats, SwiGluShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SwiGluBackward(ComputeDevice device, SwiGluVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == SwiGluVariant.Portable)
            _portable = device.Load<Floats, Floats, Floats, Floats, Floats, SwiGluShape>(SwiGluBackwardPortable.Kernel);
        else
            device.RequireCpu(nameof(SwiGluVariant.Simd));
    }

    /// <summary>
    /// With s = sigmoid(gate): dGate = dh * up * s * (1 + gate * (1 - s)) and dUp = dh * gate * s, element by element. Each of the two may be any of
    /// the three inputs itself.
    /// </summary>
    /// <param name="gate">[rows, ffn].</param>
    /// <param name="up">[rows, ffn].</param>
    /// <param name="dh">[rows, ffn], the gradient of what <see cref="SwiGlu"/> wrote.</param>
    /// <param name="dGate">[rows, ffn]; every element is written.</param>
    /// <param name="dUp">[rows, ffn]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats gate, Floats up, Floats dh, Floats dGate, Floats dUp, SwiGluShape shape)
    {
        ShapeException.ThrowIfShorter(gate, shape.Length, nameof(gate));
        ShapeException.ThrowIfShorter(up, shape.Length, nameof(up));
        ShapeException.ThrowIfShorter(dh, shape.Length, nameof(dh));
        ShapeException.ThrowIfShorter(dGate, shape.Length, nameof(dGate));
        ShapeException.ThrowIfShorter(dUp, shape.Length, nameof(dUp));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(nameof(SwiGluBackward), _variant, shape.BackwardWork);
        if (_portable is not null) _portable(Elements.Config(_device, shape.Length), gate, up, dh, dGate, dUp, shape);
        else SwiGluBackwardSimd.Run(_device.Workers!, gate, up, dh, dGate, dUp, shape);
    }
}
