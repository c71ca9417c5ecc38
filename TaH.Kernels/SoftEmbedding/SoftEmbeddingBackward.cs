using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// The gradient of <see cref="SoftEmbedding"/> by the logits; that by the embedding is a product with what <see cref="SoftEmbedding.Expand"/> makes.
/// </summary>
public sealed class SoftEmbeddingBackward : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly SoftEmbeddingVariant _variant;
    private readonly Scratch _dots;
    private readonly Action<KernelConfig, Floats, Floats, Ints, Floats, RowSpread, int>? _f32;
    private readonly Action<KernelConfig, Halves, Floats, Ints, Floats, RowSpread, int>? _f16;
    private readonly Action<KernelConfig, Halves, Floats, Ints, Floats, RowSpread, int>? _bf16;
    private readonly Action<KernelConfig, Floats, Floats, Ints, Floats, SoftEmbeddingShape>? _spread;

    /// <summary>Prepares one variant for a device; a kernel is compiled when its element type is first met.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public SoftEmbeddingBackward(ComputeDevice device, SoftEmbeddingVariant variant)
    {
        (_device, _variant, _dots) = (device, variant, new Scratch(device));
        if (variant == SoftEmbeddingVariant.Simd)
        {
            device.RequireCpu(nameof(SoftEmbeddingVariant.Simd));
            return;
        }
        _f32 = device.Load<Floats, Floats, Ints, Floats, RowSpread, int>(SoftEmbeddingBackwardPortable.Dots<float, SingleFormat>);
        _f16 = device.Load<Halves, Floats, Ints, Floats, RowSpread, int>(SoftEmbeddingBackwardPortable.Dots<ushort, HalfFormat>);
        _bf16 = device.Load<Halves, Floats, Ints, Floats, RowSpread, int>(SoftEmbeddingBackwardPortable.Dots<ushort, Bfloat16Format>);
        _spread = device.Load<Floats, Floats, Ints, Floats, SoftEmbeddingShape>(SoftEmbeddingBackwardPortable.Spread);
    }

    /// <summary>
    /// dLogits[r, tokens[r, j]] += p[r, j] * (g[r, j] - the sum over i of p[r, i] * g[r, i]) with g[r, j] = dx[r] . embedding[tokens[r, j]].
    /// </summary>
    /// <param name="embedding">[vocab, hidden].</param>
    /// <param name="dx">[rows, hidden] the gradient of the soft embeddings.</param>
    /// <param name="probabilities">[rows, k] as the forward pass left them.</param>
    /// <param name="tokens">[rows, k], distinct in a row.</param>
    /// <param name="dLogits">[rows, vocab]; other tokens stay as they are.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or the embedding has another size.</exception>
    public void Run(WeightMatrix embedding, Floats dx, Floats probabilities, Ints tokens, Floats dLogits, SoftEmbeddingShape shape)
    {
        SoftEmbedding.CheckEmbedding(embedding, shape);
        ShapeException.ThrowIfShorter(dx, (long)shape.Rows * shape.Hidden, nameof(dx));
        ShapeException.ThrowIfShorter(probabilities, shape.Mixed, nameof(probabilities));
        ShapeException.ThrowIfShorter(tokens, shape.Mixed, nameof(tokens));
        ShapeException.ThrowIfShorter(dLogits, (long)shape.Rows * shape.Vocab, nameof(dLogits));
        if (shape.Mixed == 0) return;
        using var _ = _device.Profile(nameof(SoftEmbeddingBackward), _variant, shape.Work(embedding.Type));
        if (_f32 is null)
        {
            SoftEmbeddingBackwardSimd.Run(_device.Workers!, embedding, dx, probabilities, tokens, dLogits, shape);
            return;
        }
        var dots = _dots.Reserve(shape.Mixed);
        var spread = RowSpread.Whole(_device, checked((int)shape.Mixed), shape.Hidden);
        if (embedding.Type == ElementType.F32)
            _f32(spread.Config(_device), embedding.Singles, dx, tokens, dots, spread, shape.K);
        else
            (embedding.Type == ElementType.F16 ? _f16 : _bf16)!(spread.Config(_device), embedding.Halves, dx, tokens, dots, spread, shape.K);
        _spread!((shape.Rows, _device.GroupSize), dots, probabilities, tokens, dLogits, shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _dots.Dispose();
}
