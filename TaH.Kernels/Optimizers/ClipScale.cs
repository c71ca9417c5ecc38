using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>What gradients have to be multiplied with so that their norm stays within a bound; it never leaves the device.</summary>
/// <param name="device">Where it runs: two numbers, so one thread does on any.</param>
public sealed class ClipScale(ComputeDevice device)
{
    private readonly Action<KernelConfig, Floats, float, Floats, Floats> _launch = device.Load<Floats, float, Floats, Floats>(ClipScalePortable.Kernel);

    /// <summary>norm = sqrt(sumOfSquares), scale = min(1, maxNorm / (norm + 1e-6)). A norm that is not finite leaves NaN or 0.</summary>
    /// <param name="sumOfSquares">[1], of all gradients.</param>
    /// <param name="maxNorm">The bound; 0 for none, where the scale is 1.</param>
    /// <param name="scale">[1]; written.</param>
    /// <param name="norm">[1], before clipping; written.</param>
    /// <exception cref="ShapeException">A view is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bound is negative or NaN.</exception>
    /// <remarks>Source: torch.nn.utils.clip_grad_norm_.</remarks>
    public void Run(Floats sumOfSquares, float maxNorm, Floats scale, Floats norm)
    {
        ShapeException.ThrowIfShorter(sumOfSquares, 1, nameof(sumOfSquares));
        ShapeException.ThrowIfShorter(scale, 1, nameof(scale));
        ShapeException.ThrowIfShorter(norm, 1, nameof(norm));
        if (!(maxNorm >= 0f)) throw new ArgumentOutOfRangeException(nameof(maxNorm), maxNorm, "a bound on the norm is 0 (none) or more");
        using var _ = device.Profile(nameof(ClipScale), "Portable", new KernelWork(3 * sizeof(float), 4, Rows: 1, Inner: 1));
        _launch((1, 1), sumOfSquares, maxNorm, scale, norm);
    }
}

/// <summary>Every accelerator: one thread.</summary>
internal static class ClipScalePortable
{
    private const float Guard = 1e-6f; // against a norm of zero

    public static void Kernel(Floats sumOfSquares, float maxNorm, Floats scale, Floats norm)
    {
        var length = XMath.Sqrt(sumOfSquares[0]);
        var ratio = maxNorm / (length + Guard);
        norm[0] = length;
        scale[0] = maxNorm == 0f || ratio > 1f ? 1f : ratio;
    }
}
