using ILGPU;

namespace TaH.Kernels;

/// <summary>Brings every row to unit root mean square, then scales it by a learned weight.</summary>
public sealed class RmsNorm
{
    private readonly ComputeDevice _device;
    private readonly RmsNormVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Floats, RmsNormShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public RmsNorm(ComputeDevice device, RmsNormVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == RmsNormVariant.Portable)
            _portable = device.Load<Floats, Floats, Floats, RmsNormShape>(RmsNormPortable.Kernel);
        else
            device.RequireCpu(nameof(RmsNormVariant.Simd));
    }

    /// <summary>y[r, i] = x[r, i] * weight[i] / sqrt(mean over i of x[r, i]^2 + epsilon), summed in f32.</summary>
    /// <param name="x">[rows, hidden]; may be <paramref name="y"/> itself.</param>
    /// <param name="weight">[hidden].</param>
    /// <param name="y">[rows, hidden]; every element is written.</param>
    /// <param name="shape">The sizes that all three are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <remarks>Source: arXiv 1910.07467; epsilon placed as in Qwen3RMSNorm of transformers.</remarks>
    public void Run(Floats x, Floats weight, Floats y, RmsNormShape shape)
    {
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        ShapeException.ThrowIfShorter(weight, shape.Hidden, nameof(weight));
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * shape.Hidden, nameof(y));
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(RmsNorm), _variant, shape.Work);
        if (_portable is not null) _portable((shape.Rows, _device.GroupSize), x, weight, y, shape);
        else RmsNormSimd.Run(_device.Workers!, x, weight, y, shape);
    }
}
