using ILGPU;

namespace TaH.Kernels;

/// <summary>How far logits are from the token that they should have predicted, and the gradient of that.</summary>
public sealed class CrossEntropy
{
    private readonly ComputeDevice _device;
    private readonly CrossEntropyVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, float, Floats, Ints, Floats, int, CrossEntropyShape>? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public CrossEntropy(ComputeDevice device, CrossEntropyVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == CrossEntropyVariant.Portable)
            _portable = device.Load<Floats, Ints, float, Floats, Ints, Floats, int, CrossEntropyShape>(CrossEntropyPortable.Kernel);
        else
            device.RequireCpu(nameof(CrossEntropyVariant.Simd));
    }

    /// <summary>The variant to use on a device.</summary>
    public static CrossEntropyVariant Choose(ComputeDevice device) =>
        device.Kind == DeviceKind.Cpu ? CrossEntropyVariant.Simd : CrossEntropyVariant.Portable;

    /// <summary>losses[r] = log(sum of exp(logits[r])) - logits[r, labels[r]]; predictions[r] = the first of the largest logits.</summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="labels">[rows]: a token, or -1 for a row without loss.</param>
    /// <param name="losses">[rows], written; 0 without label.</param>
    /// <param name="predictions">[rows], written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Run(Floats logits, Ints labels, Floats losses, Ints predictions, CrossEntropyShape shape) =>
        Launch(logits, labels, 0, losses, predictions, logits, writesGradient: false, shape);

    /// <summary>As without gradient, and dLogits = scale * (softmax(logits) - one at the label); zeros for a row without label.</summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="labels">[rows]: a token, or -1 for a row without loss.</param>
    /// <param name="scale">What gradients are multiplied with; losses are not.</param>
    /// <param name="losses">[rows], written; 0 without label.</param>
    /// <param name="predictions">[rows], written.</param>
    /// <param name="dLogits">[rows, vocab]; may be <paramref name="logits"/> itself.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Run(Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, CrossEntropyShape shape) =>
        Launch(logits, labels, scale, losses, predictions, dLogits, writesGradient: true, shape);

    private void Launch(
        Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, bool writesGradient, CrossEntropyShape shape)
    {
        ShapeException.ThrowIfShorter(logits, shape.Length, nameof(logits));
        ShapeException.ThrowIfShorter(labels, shape.Rows, nameof(labels));
        ShapeException.ThrowIfShorter(losses, shape.Rows, nameof(losses));
        ShapeException.ThrowIfShorter(predictions, shape.Rows, nameof(predictions));
        ShapeException.ThrowIfShorter(dLogits, shape.Length, nameof(dLogits));
        if (shape.Length == 0) return;
        var moves = writesGradient ? 2 : 1;
        using var _ = _device.Profile(
            nameof(CrossEntropy), _variant, new KernelWork(moves * shape.Length * sizeof(float), 4 * shape.Length, shape.Rows, shape.Vocab));
        if (_portable is not null)
        {
            _portable(
                (shape.Rows, _device.GroupSize), logits, labels, scale, losses, predictions, dLogits, writesGradient ? 1 : 0, shape);
            return;
        }
        CrossEntropySimd.Run(_device.Workers!, logits, labels, scale, losses, predictions, dLogits, writesGradient, shape);
    }
}
