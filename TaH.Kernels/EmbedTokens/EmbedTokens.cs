namespace TaH.Kernels;

/// <summary>The embedding of every token of a batch, by the kernels of <see cref="Embedding"/>: for training.</summary>
public sealed class EmbedTokens
{
    private readonly ComputeDevice _device;
    private readonly EmbeddingLaunches? _portable;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed; Portable or Simd.</param>
    public EmbedTokens(ComputeDevice device, EmbeddingVariant variant)
    {
        _device = device;
        if (variant == EmbeddingVariant.Simd) device.RequireCpu(nameof(EmbeddingVariant.Simd));
        else _portable = new EmbeddingLaunches(device);
    }

    /// <summary>y[r] = embedding[tokens[r]].</summary>
    /// <param name="embedding">[vocab, hidden]; f32 on the CPU.</param>
    /// <param name="tokens">[rows], all below vocab.</param>
    /// <param name="y">[rows, hidden].</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says.</exception>
    public unsafe void Run(WeightMatrix embedding, Ints tokens, Floats y, EmbedTokensShape shape)
    {
        ShapeException.ThrowIfDifferent(embedding.Rows, shape.Vocab, nameof(embedding));
        ShapeException.ThrowIfDifferent(embedding.Columns, shape.Hidden, nameof(embedding));
        ShapeException.ThrowIfShorter(tokens, shape.Rows, nameof(tokens));
        ShapeException.ThrowIfShorter(y, shape.Length, nameof(y));
        if (shape.Length == 0) return;
        using var _ = _device.Profile(
            nameof(EmbedTokens), _portable is null ? "Simd" : "Portable", new KernelWork(2 * shape.Length * sizeof(float), 0, shape.Rows, shape.Hidden));
        if (_portable is not null)
        {
            _portable.Run((shape.Rows, _device.GroupSize), embedding, tokens, tokens, y, tokens, y, new EmbeddingShape(shape.Hidden, 0, 0));
            return;
        }
        _device.Workers!.For(shape.Rows, grain: 8, new Job(Pointers.Of(embedding.Singles), Pointers.Of(tokens), Pointers.Of(y), shape.Hidden));
    }

    private readonly unsafe struct Job(float* embedding, int* tokens, float* y, int hidden) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var row = start; row < end; row++)
                new ReadOnlySpan<float>(embedding + ((long)tokens[row] * hidden), hidden).CopyTo(new Span<float>(y + ((long)row * hidden), hidden));
        }
    }
}
