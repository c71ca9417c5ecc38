using ILGPU;

namespace TaH.Kernels;

/// <summary>A row of the embedding for each token: the input of training's first pass.</summary>
public sealed class EmbedTokens
{
    private readonly ComputeDevice _device;
    private readonly EmbedTokensVariant _variant;
    private readonly Action<KernelConfig, Floats, Ints, Floats, RowSpread>? _f32;
    private readonly Action<KernelConfig, Halves, Ints, Floats, RowSpread>? _f16;
    private readonly Action<KernelConfig, Halves, Ints, Floats, RowSpread>? _bf16;

    /// <summary>Prepares one variant for a device; a kernel is compiled when its element type is first met.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public EmbedTokens(ComputeDevice device, EmbedTokensVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == EmbedTokensVariant.Simd)
        {
            device.RequireCpu(nameof(EmbedTokensVariant.Simd));
            return;
        }
        _f32 = device.Load<Floats, Ints, Floats, RowSpread>(EmbedTokensPortable.Kernel<float, SingleFormat>);
        _f16 = device.Load<Halves, Ints, Floats, RowSpread>(EmbedTokensPortable.Kernel<ushort, HalfFormat>);
        _bf16 = device.Load<Halves, Ints, Floats, RowSpread>(EmbedTokensPortable.Kernel<ushort, Bfloat16Format>);
    }

    /// <summary>y[r] = embedding[tokens[r]].</summary>
    /// <param name="embedding">[vocab, hidden].</param>
    /// <param name="tokens">[rows], each at least 0 and below vocab.</param>
    /// <param name="y">[rows, hidden]; every element is written.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says, or the embedding has another size.</exception>
    public void Run(WeightMatrix embedding, Ints tokens, Floats y, EmbedTokensShape shape)
    {
        ShapeException.ThrowIfDifferent(embedding.Rows, shape.Vocab, "a column of the embedding");
        ShapeException.ThrowIfDifferent(embedding.Columns, shape.Hidden, "a row of the embedding");
        ShapeException.ThrowIfShorter(tokens, shape.Rows, nameof(tokens));
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * shape.Hidden, nameof(y));
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(EmbedTokens), _variant, shape.Work(embedding.Type));
        var spread = RowSpread.InPieces(_device, shape.Rows, shape.Hidden);
        if (_f32 is null)
            EmbedTokensSimd.Run(_device.Workers!, embedding, tokens, y, shape);
        else if (embedding.Type == ElementType.F32)
            _f32(spread.Config(_device), embedding.Singles, tokens, y, spread);
        else
            (embedding.Type == ElementType.F16 ? _f16 : _bf16)!(spread.Config(_device), embedding.Halves, tokens, y, spread);
    }
}
