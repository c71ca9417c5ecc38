namespace TaH.Kernels;

/// <summary>What a row reads at depth 1 and deeper, for training: a mixture of the embeddings of the tokens with the largest logits.</summary>
/// <remarks>Source: the input updater of the official code (arXiv 2511.08577, section 4): the softmax is over the kept values only.</remarks>
public sealed class SoftEmbedding
{
    private readonly ComputeDevice _device;
    private readonly SoftEmbeddingVariant _variant;
    private readonly SoftEmbeddingLaunches? _launches;

    /// <summary>Prepares one variant for a device; a kernel is compiled when its element type is first met.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SoftEmbedding(ComputeDevice device, SoftEmbeddingVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == SoftEmbeddingVariant.Simd) device.RequireCpu(nameof(SoftEmbeddingVariant.Simd));
        else _launches = new SoftEmbeddingLaunches(device);
    }

    /// <summary>probabilities[r] = softmax(values[r]); x[r] = the sum over j of probabilities[r, j] * embedding[tokens[r, j]].</summary>
    /// <param name="embedding">[vocab, hidden].</param>
    /// <param name="values">[rows, k] the largest logits in descending order.</param>
    /// <param name="tokens">[rows, k] their tokens.</param>
    /// <param name="probabilities">[rows, k]; every element is written. Kept for the backward pass. May be <paramref name="values"/> itself.</param>
    /// <param name="x">[rows, hidden]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or the embedding has another size.</exception>
    public void Run(WeightMatrix embedding, Floats values, Ints tokens, Floats probabilities, Floats x, SoftEmbeddingShape shape)
    {
        CheckEmbedding(embedding, shape);
        ShapeException.ThrowIfShorter(values, shape.Mixed, nameof(values));
        ShapeException.ThrowIfShorter(tokens, shape.Mixed, nameof(tokens));
        ShapeException.ThrowIfShorter(probabilities, shape.Mixed, nameof(probabilities));
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        ArgumentOutOfRangeException.ThrowIfLessThan(shape.K, 1);
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(SoftEmbedding), _variant, shape.Work(embedding.Type));
        if (_launches is null) SoftEmbeddingSimd.Run(_device.Workers!, embedding, values, tokens, probabilities, x, shape);
        else _launches.Run(embedding, values, tokens, probabilities, x, shape);
    }

    /// <summary>
    /// dense[r, tokens[r, j]] = probabilities[r, j], zeros elsewhere: the gradient of the embedding is the product of its transpose and dx.
    /// </summary>
    /// <param name="probabilities">[rows, k].</param>
    /// <param name="tokens">[rows, k], distinct in a row.</param>
    /// <param name="dense">[rows, vocab]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    public void Expand(Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape)
    {
        var length = (long)shape.Rows * shape.Vocab;
        ShapeException.ThrowIfShorter(probabilities, shape.Mixed, nameof(probabilities));
        ShapeException.ThrowIfShorter(tokens, shape.Mixed, nameof(tokens));
        ShapeException.ThrowIfShorter(dense, length, nameof(dense));
        if (length == 0) return;
        var work = new KernelWork((length * sizeof(float)) + (shape.Mixed * (2 * sizeof(float))), 0, shape.Rows, shape.Vocab);
        using var _ = _device.Profile(nameof(SoftEmbedding) + nameof(Expand), _variant, work);
        if (_launches is null)
        {
            SoftEmbeddingSimd.Expand(_device.Workers!, probabilities, tokens, dense, shape);
            return;
        }
        _launches.Expand(probabilities, tokens, dense, shape);
    }

    /// <summary>Fails unless an embedding has the size that a shape says.</summary>
    internal static void CheckEmbedding(WeightMatrix embedding, SoftEmbeddingShape shape)
    {
        ShapeException.ThrowIfDifferent(embedding.Rows, shape.Vocab, "a column of the embedding");
        ShapeException.ThrowIfDifferent(embedding.Columns, shape.Hidden, "a row of the embedding");
    }
}
