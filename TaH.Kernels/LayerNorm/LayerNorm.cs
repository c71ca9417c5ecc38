using ILGPU;

namespace TaH.Kernels;

/// <summary>Brings every row to mean zero and variance one, then scales and shifts it by a learned weight and bias.</summary>
public sealed class LayerNorm
{
    private readonly ComputeDevice _device;
    private readonly LayerNormVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Floats, LayerNormShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public LayerNorm(ComputeDevice device, LayerNormVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == LayerNormVariant.Portable)
            _portable = device.Load<Floats, Floats, Floats, Floats, LayerNormShape>(LayerNormPortable.Kernel);
        else
            device.RequireCpu(nameof(LayerNormVariant.Simd));
    }

    /// <summary>y[r, i] = (x[r, i] - mean of x[r]) / sqrt(biased variance of x[r] + epsilon) * weight[i] + bias[i], summed in f32.</summary>
    /// <param name="x">[rows, width]; may be <paramref name="y"/> itself.</param>
    /// <param name="weight">[width].</param>
    /// <param name="bias">[width].</param>
    /// <param name="y">[rows, width]; every element is written.</param>
    /// <param name="shape">The sizes that all four are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <remarks>
    /// Source: arXiv 1607.06450; variance and epsilon as in torch.nn.LayerNorm. The variance is summed over differences from the mean in a second
    /// walk, so that a large mean cannot swallow it.
    /// </remarks>
    public void Run(Floats x, Floats weight, Floats bias, Floats y, LayerNormShape shape)
    {
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Width, nameof(x));
        ShapeException.ThrowIfShorter(weight, shape.Width, nameof(weight));
        ShapeException.ThrowIfShorter(bias, shape.Width, nameof(bias));
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * shape.Width, nameof(y));
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(LayerNorm), _variant, shape.Work);
        if (_portable is not null) _portable((shape.Rows, _device.GroupSize), x, weight, bias, y, shape);
        else LayerNormSimd.Run(_device.Workers!, x, weight, bias, y, shape);
    }
}
