using ILGPU;

namespace TaH.Kernels;

/// <summary>The decider's loss: binary cross-entropy of logits, and its gradient.</summary>
public sealed class BinaryCrossEntropy
{
    private readonly ComputeDevice _device;
    private readonly BinaryCrossEntropyVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, Floats, BinaryCrossEntropyShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public BinaryCrossEntropy(ComputeDevice device, BinaryCrossEntropyVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == BinaryCrossEntropyVariant.Portable)
            _portable = device.Load<Floats, Ints, Floats, Floats, BinaryCrossEntropyShape>(BinaryCrossEntropyPortable.Kernel);
        else
            device.RequireCpu(nameof(BinaryCrossEntropyVariant.Simd));
    }

    /// <summary>
    /// losses[r] = posWeight * softplus(-z) for target 1 and softplus(z) for target 0, dLogits[r] = scale times its derivative:
    /// -posWeight * sigmoid(-z) and sigmoid(z). A target of -1 has no loss: both are 0.
    /// </summary>
    /// <param name="logits">[rows], the z.</param>
    /// <param name="targets">[rows]: 1, 0, or -1.</param>
    /// <param name="posWeight">The weight of positives.</param>
    /// <param name="scale">Of the gradients alone, such as one over the number of decisions.</param>
    /// <param name="losses">[rows]; every element is written.</param>
    /// <param name="dLogits">[rows]; every element is written; may be <paramref name="logits"/> itself.</param>
    /// <param name="rows">Rows.</param>
    /// <exception cref="ShapeException">A view has fewer elements than rows; the message names it and both sizes.</exception>
    /// <remarks>Source: torch.nn.BCEWithLogitsLoss. softplus(z) = max(z, 0) + log(1 + exp(-|z|)), which no logit overflows.</remarks>
    public void Run(Floats logits, Ints targets, float posWeight, float scale, Floats losses, Floats dLogits, int rows)
    {
        ShapeException.ThrowIfShorter(logits, rows, nameof(logits));
        ShapeException.ThrowIfShorter(targets, rows, nameof(targets));
        ShapeException.ThrowIfShorter(losses, rows, nameof(losses));
        ShapeException.ThrowIfShorter(dLogits, rows, nameof(dLogits));
        if (rows == 0) return;
        var shape = new BinaryCrossEntropyShape(rows, posWeight, scale);
        using var _ = _device.Profile(nameof(BinaryCrossEntropy), _variant, shape.Work);
        if (_portable is not null) _portable(Elements.Config(_device, rows), logits, targets, losses, dLogits, shape);
        else BinaryCrossEntropySimd.Run(_device.Workers!, logits, targets, losses, dLogits, shape);
    }
}
