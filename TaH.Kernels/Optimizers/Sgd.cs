using ILGPU;

namespace TaH.Kernels;

/// <summary>Stochastic gradient descent, over parameters side by side.</summary>
public sealed class Sgd : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly OptimizerVariant _variant;
    private readonly FloatBuffer? _noMoments;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, SgdStep, long>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public Sgd(ComputeDevice device, OptimizerVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == OptimizerVariant.Portable)
        {
            _portable = device.Load<Floats, Floats, Floats, Floats, SgdStep, long>(SgdPortable.Kernel);
            _noMoments = device.AllocateFloats(1); // a kernel takes no view of nothing
        }
        else
        {
            device.RequireCpu(nameof(OptimizerVariant.Simd));
        }
    }

    /// <summary>
    /// With g = gradient * gradientScale + decay * weight: weight -= rate * g; with momentum, m = momentum * m + g and weight -= rate * m.
    /// </summary>
    /// <param name="weights">[parameters], changed.</param>
    /// <param name="gradients">[parameters], read.</param>
    /// <param name="moments">[parameters], the m, zeros before the first step; an empty view where the step has no momentum.</param>
    /// <param name="gradientScale">[1], what gradients are multiplied with, as <see cref="ClipScale"/> leaves it on the device.</param>
    /// <param name="step">The settings of the step.</param>
    /// <exception cref="ShapeException">A view is shorter than the weights; the message names it and both sizes.</exception>
    /// <remarks>Source: torch.optim.SGD without dampening.</remarks>
    public void Run(Floats weights, Floats gradients, Floats moments, Floats gradientScale, SgdStep step)
    {
        var length = weights.Length;
        ShapeException.ThrowIfShorter(gradients, length, nameof(gradients));
        if (step.Momentum != 0f) ShapeException.ThrowIfShorter(moments, length, nameof(moments));
        ShapeException.ThrowIfShorter(gradientScale, 1, nameof(gradientScale));
        if (length == 0) return;
        var bytes = length * (step.Momentum != 0f ? 5 : 3) * sizeof(float);
        using var _ = _device.Profile(
            nameof(Sgd), _variant, new KernelWork(bytes, 7 * length, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue)));
        if (_portable is null) SgdSimd.Run(_device.Workers!, weights, gradients, moments, gradientScale, step);
        else _portable(
            Elements.Config(_device, length), weights, gradients, step.Momentum != 0f ? moments : _noMoments!.View.BaseView, gradientScale, step,
            length);
    }

    /// <inheritdoc/>
    public void Dispose() => _noMoments?.Dispose();
}
