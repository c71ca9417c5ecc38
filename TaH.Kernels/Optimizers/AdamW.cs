using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>Adam with decoupled weight decay, over parameters side by side.</summary>
public sealed class AdamW : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly OptimizerVariant _variant;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense>? _noCopy;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, Halves, Floats, AdamWFactors, long, int>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public AdamW(ComputeDevice device, OptimizerVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == OptimizerVariant.Portable)
        {
            _portable = device.Load<Floats, Floats, Floats, Floats, Halves, Floats, AdamWFactors, long, int>(AdamWPortable.Kernel);
            _noCopy = device.Accelerator.Allocate1D<ushort>(1); // a kernel takes no view of nothing
        }
        else
        {
            device.RequireCpu(nameof(OptimizerVariant.Simd));
        }
    }

    /// <summary>
    /// With g = gradient * gradientScale: weight *= 1 - rate * decay; m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;
    /// weight -= rate / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + epsilon).
    /// </summary>
    /// <param name="weights">[parameters], changed.</param>
    /// <param name="gradients">[parameters], read.</param>
    /// <param name="firstMoments">[parameters], the m; zeros before the first step.</param>
    /// <param name="secondMoments">[parameters], the v; zeros before the first step.</param>
    /// <param name="bf16Copy">[parameters], the new weights rounded to bf16; an empty view where nobody reads such a copy.</param>
    /// <param name="gradientScale">[1], what gradients are multiplied with, as <see cref="ClipScale"/> leaves it on the device.</param>
    /// <param name="step">The settings of the step.</param>
    /// <exception cref="ShapeException">A view is shorter than the weights; the message names it and both sizes.</exception>
    /// <remarks>Source: arXiv 1711.05101; the order of operations is that of torch.optim.AdamW.</remarks>
    public void Run(
        Floats weights, Floats gradients, Floats firstMoments, Floats secondMoments, Halves bf16Copy, Floats gradientScale, AdamWStep step)
    {
        var length = weights.Length;
        ShapeException.ThrowIfShorter(gradients, length, nameof(gradients));
        ShapeException.ThrowIfShorter(firstMoments, length, nameof(firstMoments));
        ShapeException.ThrowIfShorter(secondMoments, length, nameof(secondMoments));
        if (bf16Copy.Length > 0) ShapeException.ThrowIfShorter(bf16Copy, length, nameof(bf16Copy));
        ShapeException.ThrowIfShorter(gradientScale, 1, nameof(gradientScale));
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        if (length == 0) return;
        // Four in, three out, and the copy; a dozen operations, a root and a quotient.
        var bytes = length * ((7 * sizeof(float)) + (bf16Copy.Length > 0 ? sizeof(ushort) : 0));
        using var _ = _device.Profile(
            nameof(AdamW), _variant, new KernelWork(bytes, 15 * length, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue)));
        if (_portable is null)
        {
            AdamWSimd.Run(_device.Workers!, weights, gradients, firstMoments, secondMoments, bf16Copy, gradientScale, step.Factors);
            return;
        }
        _portable(
            Elements.Config(_device, length), weights, gradients, firstMoments, secondMoments,
            bf16Copy.Length > 0 ? bf16Copy : _noCopy!.View.BaseView, gradientScale, step.Factors, length, bf16Copy.Length > 0 ? 1 : 0);
    }

    /// <inheritdoc/>
    public void Dispose() => _noCopy?.Dispose();
}
