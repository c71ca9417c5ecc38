using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary><see cref="AdamW"/> whose moments take a byte each instead of four.</summary>
public sealed class AdamW8Bit : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly OptimizerVariant _variant;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense>? _noCopy;
    private readonly Action<KernelConfig, Floats, Floats, QuantizedMoments, QuantizedMoments, Halves, Floats, AdamW8BitStep>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public AdamW8Bit(ComputeDevice device, OptimizerVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == OptimizerVariant.Portable)
        {
            _portable = device.Load<Floats, Floats, QuantizedMoments, QuantizedMoments, Halves, Floats, AdamW8BitStep>(AdamW8BitPortable.Kernel);
            _noCopy = device.Accelerator.Allocate1D<ushort>(1); // a kernel takes no view of nothing
        }
        else
        {
            device.RequireCpu(nameof(OptimizerVariant.Simd));
        }
    }

    /// <summary>
    /// The step of <see cref="AdamW.Run"/>; the weights follow the moments before these are rounded. Of each block of
    /// <see cref="QuantizedMoments.Block"/> parameters the largest moment sets the scale, and the others are rounded at random, right on average:
    /// the same for the same step and stream.
    /// </summary>
    /// <param name="weights">[parameters], changed.</param>
    /// <param name="gradients">[parameters], read.</param>
    /// <param name="firstMoments">Zeros before the first step.</param>
    /// <param name="secondMoments">Zeros before the first step.</param>
    /// <param name="bf16Copy">[parameters], the new weights rounded to bf16; an empty view where nobody reads such a copy.</param>
    /// <param name="gradientScale">[1], what gradients are multiplied with, as <see cref="ClipScale"/> leaves it on the device.</param>
    /// <param name="step">The settings of the step.</param>
    /// <param name="stream">Of the random numbers; another one for other parameters.</param>
    /// <exception cref="ShapeException">A view is shorter than the weights; the message names it and both sizes.</exception>
    /// <remarks>Source of moments in blocks of bytes: arXiv 2110.02861.</remarks>
    public void Run(
        Floats weights, Floats gradients, QuantizedMoments firstMoments, QuantizedMoments secondMoments, Halves bf16Copy, Floats gradientScale,
        AdamWStep step, int stream)
    {
        var length = weights.Length;
        ShapeException.ThrowIfShorter(gradients, length, nameof(gradients));
        Check(firstMoments, length, nameof(firstMoments));
        Check(secondMoments, length, nameof(secondMoments));
        if (bf16Copy.Length > 0) ShapeException.ThrowIfShorter(bf16Copy, length, nameof(bf16Copy));
        ShapeException.ThrowIfShorter(gradientScale, 1, nameof(gradientScale));
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        if (length == 0) return;
        // Weight and gradient in, weight out, two moments in and out, and the copy.
        var bytes = length * ((3 * sizeof(float)) + 4 + (bf16Copy.Length > 0 ? sizeof(ushort) : 0));
        using var _ = _device.Profile(
            nameof(AdamW8Bit), _variant, new KernelWork(bytes, 15 * length, Rows: 1, Inner: (int)Math.Min(length, int.MaxValue)));
        var settings = new AdamW8BitStep(step.Factors, RoundingBits.Of(step.Step, stream), length, bf16Copy.Length > 0 ? 1 : 0);
        if (_portable is null)
        {
            AdamW8BitSimd.Run(_device.Workers!, weights, gradients, firstMoments, secondMoments, bf16Copy, gradientScale, settings);
            return;
        }
        _portable(
            (checked((int)QuantizedMoments.Blocks(length)), Math.Min(_device.GroupSize, QuantizedMoments.Block)), weights, gradients, firstMoments,
            secondMoments, bf16Copy.Length > 0 ? bf16Copy : _noCopy!.View.BaseView, gradientScale, settings);
    }

    /// <inheritdoc/>
    public void Dispose() => _noCopy?.Dispose();

    private static void Check(QuantizedMoments moments, long length, string name)
    {
        ShapeException.ThrowIfShorter(moments.Scales, QuantizedMoments.Blocks(length), $"{name}.{nameof(moments.Scales)}");
        if (moments.Codes.Length < length) throw new ShapeException($"{name}.{nameof(moments.Codes)}", moments.Codes.Length, length);
    }
}

/// <summary>What kernels of <see cref="AdamW8Bit"/> need beside views.</summary>
/// <param name="Factors">Of the step.</param>
/// <param name="Bits">For rounding.</param>
/// <param name="Length">Parameters.</param>
/// <param name="Copies">1 where weights are copied to bf16, else 0.</param>
internal readonly record struct AdamW8BitStep(AdamWFactors Factors, RoundingBits Bits, long Length, int Copies);
