using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The input of deeper passes in training: softmax over the largest accumulated logits, times their embeddings; and its gradients.</summary>
public sealed class SoftEmbedding : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly SoftEmbeddingVariant _variant;
    private readonly RowArithmetic _softmax;
    private readonly Scratch _probabilities;
    private readonly Scratch _along;
    private readonly SoftEmbeddingLaunches? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SoftEmbedding(ComputeDevice device, SoftEmbeddingVariant variant)
    {
        (_device, _variant) = (device, variant);
        (_probabilities, _along) = (new Scratch(device), new Scratch(device));
        _softmax = new RowArithmetic(device, variant == SoftEmbeddingVariant.Simd ? RowArithmeticVariant.Simd : RowArithmeticVariant.Portable);
        if (variant == SoftEmbeddingVariant.Simd) device.RequireCpu(nameof(SoftEmbeddingVariant.Simd));
        else _portable = new SoftEmbeddingLaunches(device);
    }

    /// <summary>The variant to use on a device.</summary>
    public static SoftEmbeddingVariant Choose(ComputeDevice device) =>
        device.Kind == DeviceKind.Cpu ? SoftEmbeddingVariant.Simd : SoftEmbeddingVariant.Portable;

    /// <summary>With p = softmax of a row's values: x[r] = sum over j of p[j] * embedding[tokens[r, j]].</summary>
    /// <param name="values">[rows, topK].</param>
    /// <param name="tokens">[rows, topK], no token twice in a row.</param>
    /// <param name="embedding">[vocab, hidden].</param>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    /// <remarks>Source: the input updater of github.com/thu-nics/TaH at 1e07bc3.</remarks>
    public void Run(Floats values, Ints tokens, WeightMatrix embedding, Floats x, SoftEmbeddingShape shape)
    {
        Check(values, tokens, embedding, shape);
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        if (shape.Rows == 0) return;
        var probabilities = Probabilities(values, shape);
        using var _ = Profile(nameof(SoftEmbedding), shape);
        if (_portable is not null) _portable.Mix(probabilities, tokens, embedding, x, shape);
        else SoftEmbeddingSimd.Mix(_device.Workers!, probabilities, tokens, embedding.Singles, x, shape);
    }

    /// <summary>With g[j] = dx[r] . embedding[tokens[r, j]]: dLogits[r, tokens[r, j]] += p[j] * (g[j] - sum over i of p[i] * g[i]).</summary>
    /// <param name="values">[rows, topK].</param>
    /// <param name="tokens">[rows, topK].</param>
    /// <param name="embedding">[vocab, hidden]. Its own gradient is the product of <see cref="Expand"/>'s rows and dx.</param>
    /// <param name="dx">[rows, hidden].</param>
    /// <param name="dLogits">[rows, vocab], added to.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Backward(Floats values, Ints tokens, WeightMatrix embedding, Floats dx, Floats dLogits, SoftEmbeddingShape shape)
    {
        Check(values, tokens, embedding, shape);
        ShapeException.ThrowIfShorter(dx, (long)shape.Rows * shape.Hidden, nameof(dx));
        ShapeException.ThrowIfShorter(dLogits, (long)shape.Rows * shape.Vocab, nameof(dLogits));
        if (shape.Rows == 0) return;
        var probabilities = Probabilities(values, shape);
        var along = _along.Reserve(shape.Mixed);
        using var _ = Profile("SoftEmbeddingBackward", shape);
        if (_portable is not null)
        {
            _portable.Dot(tokens, embedding, dx, along, shape);
            _portable.Scatter(probabilities, along, tokens, dLogits, shape);
            return;
        }
        SoftEmbeddingSimd.Backward(_device.Workers!, probabilities, tokens, embedding.Singles, dx, along, dLogits, shape);
    }

    /// <summary>dense[r, tokens[r, j]] = p[j], and zero elsewhere.</summary>
    /// <param name="values">[rows, topK].</param>
    /// <param name="tokens">[rows, topK].</param>
    /// <param name="dense">[rows, vocab]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public void Expand(Floats values, Ints tokens, Floats dense, SoftEmbeddingShape shape)
    {
        ShapeException.ThrowIfShorter(values, shape.Mixed, nameof(values));
        ShapeException.ThrowIfShorter(tokens, shape.Mixed, nameof(tokens));
        ShapeException.ThrowIfShorter(dense, (long)shape.Rows * shape.Vocab, nameof(dense));
        if (shape.Rows == 0) return;
        var probabilities = Probabilities(values, shape);
        dense.SubView(0, (long)shape.Rows * shape.Vocab).MemSetToZero(_device.Accelerator.DefaultStream);
        using var _ = Profile("SoftEmbeddingExpand", shape);
        if (_portable is not null) _portable.Place(probabilities, tokens, dense, shape);
        else SoftEmbeddingSimd.Place(_device.Workers!, probabilities, tokens, dense, shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _probabilities.Dispose();
        _along.Dispose();
    }

    private static void Check(Floats values, Ints tokens, WeightMatrix embedding, SoftEmbeddingShape shape)
    {
        ShapeException.ThrowIfShorter(values, shape.Mixed, nameof(values));
        ShapeException.ThrowIfShorter(tokens, shape.Mixed, nameof(tokens));
        ShapeException.ThrowIfDifferent(embedding.Rows, shape.Vocab, nameof(embedding));
        ShapeException.ThrowIfDifferent(embedding.Columns, shape.Hidden, nameof(embedding));
    }

    private Floats Probabilities(Floats values, SoftEmbeddingShape shape)
    {
        var probabilities = _probabilities.Reserve(shape.Mixed);
        _softmax.Softmax(values, probabilities, new RowsShape(shape.Rows, shape.TopK));
        return probabilities;
    }

    private KernelScope Profile(string name, SoftEmbeddingShape shape) => _device.Profile(
        name, _variant, new KernelWork(shape.Mixed * shape.Hidden * sizeof(float), 2 * shape.Mixed * shape.Hidden, shape.Rows, shape.Hidden));
}
