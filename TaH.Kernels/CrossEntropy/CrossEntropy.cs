using ILGPU;

namespace TaH.Kernels;

/// <summary>How far rows of logits are from the tokens that were to come, and the gradient of that.</summary>
public sealed class CrossEntropy
{
    private readonly ComputeDevice _device;
    private readonly CrossEntropyVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, Ints, RowSpread>? _evaluate;
    private readonly Action<KernelConfig, Floats, Ints, float, Floats, Ints, Floats, RowSpread>? _differentiate;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public CrossEntropy(ComputeDevice device, CrossEntropyVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == CrossEntropyVariant.Simd)
        {
            device.RequireCpu(nameof(CrossEntropyVariant.Simd));
            return;
        }
        _evaluate = device.Load<Floats, Ints, Floats, Ints, RowSpread>(CrossEntropyPortable.Evaluate);
        _differentiate = device.Load<Floats, Ints, float, Floats, Ints, Floats, RowSpread>(CrossEntropyPortable.Differentiate);
    }

    /// <summary>
    /// losses[r] = log(sum over v of exp(logits[r, v])) - logits[r, label[r]]; predictions[r] = the v of the largest logits[r, v]. Summed in f32.
    /// </summary>
    /// <param name="logits">[rows, vocab].</param>
    /// <param name="labels">[rows] below vocab; -1 for a row without a label, whose loss is 0.</param>
    /// <param name="losses">[rows]; every element is written. NaN where a logit is NaN.</param>
    /// <param name="predictions">[rows]; every element is written. The lowest id among equals.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats logits, Ints labels, Floats losses, Ints predictions, CrossEntropyShape shape)
    {
        Check(logits, labels, losses, predictions, shape);
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(CrossEntropy), _variant, shape.Work(withGradient: false));
        var spread = RowSpread.Whole(_device, shape.Rows, shape.Vocab);
        if (_evaluate is not null) _evaluate(spread.Config(_device), logits, labels, losses, predictions, spread);
        else CrossEntropySimd.Run(_device.Workers!, logits, labels, 0f, losses, predictions, default, shape);
    }

    /// <summary>The same, and dLogits[r, v] = scale * (softmax(logits[r])[v] - (v is label[r] ? 1 : 0)); zeros for a row without a label.</summary>
    /// <param name="logits">[rows, vocab]; may be <paramref name="dLogits"/> itself.</param>
    /// <param name="labels">[rows] below vocab; -1 for a row without a label, whose loss is 0.</param>
    /// <param name="scale">The gradient of what is minimised by a row's loss.</param>
    /// <param name="losses">[rows]; every element is written. NaN where a logit is NaN.</param>
    /// <param name="predictions">[rows]; every element is written. The lowest id among equals.</param>
    /// <param name="dLogits">[rows, vocab]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Run(Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, CrossEntropyShape shape)
    {
        Check(logits, labels, losses, predictions, shape);
        ShapeException.ThrowIfShorter(dLogits, (long)shape.Rows * shape.Vocab, nameof(dLogits));
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(CrossEntropy), _variant, shape.Work(withGradient: true));
        var spread = RowSpread.Whole(_device, shape.Rows, shape.Vocab);
        if (_differentiate is not null)
            _differentiate(spread.Config(_device), logits, labels, scale, losses, predictions, dLogits, spread);
        else
            CrossEntropySimd.Run(_device.Workers!, logits, labels, scale, losses, predictions, dLogits, shape);
    }

    private static void Check(Floats logits, Ints labels, Floats losses, Ints predictions, CrossEntropyShape shape)
    {
        ShapeException.ThrowIfShorter(logits, (long)shape.Rows * shape.Vocab, nameof(logits));
        ShapeException.ThrowIfShorter(labels, shape.Rows, nameof(labels));
        ShapeException.ThrowIfShorter(losses, shape.Rows, nameof(losses));
        ShapeException.ThrowIfShorter(predictions, shape.Rows, nameof(predictions));
    }
}
