using ILGPU;

namespace TaH.Kernels;

/// <summary>Duo-causal attention over packed sequences, for training: queries, keys and values of all rows are there, nothing is cached.</summary>
public sealed class PackedAttention : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly PackedAttentionVariant _variant;
    private readonly Action<KernelConfig, Floats, Floats, Floats, Ints, Floats, Floats, PackedAttentionShape>? _portable;
    private readonly PackedAttentionMma? _mma;

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public PackedAttention(ComputeDevice device, PackedAttentionVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == PackedAttentionVariant.Portable)
            _portable = device.Load<Floats, Floats, Floats, Ints, Floats, Floats, PackedAttentionShape>(PackedAttentionPortable.Kernel);
        else if (variant == PackedAttentionVariant.CudaMma)
            _mma = new PackedAttentionMma(device);
        else
            device.RequireCpu(nameof(PackedAttentionVariant.Simd));
    }

    /// <summary>The variant to use, for the backward, too.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="headDim">Elements of a head.</param>
    /// <param name="precision">Whether operands may be rounded to bf16.</param>
    public static PackedAttentionVariant Choose(ComputeDevice device, int headDim, ProductPrecision precision = ProductPrecision.Auto) => device switch
    {
        { Kind: DeviceKind.Cpu } => PackedAttentionVariant.Simd,
        _ when PackedAttentionMma.Serves(device, headDim, precision) => PackedAttentionVariant.CudaMma,
        _ => PackedAttentionVariant.Portable,
    };

    /// <summary>
    /// mixed[r, h] = sum over seen e of softmax over e(q[r, h] . k[e, h / group] / sqrt(headDim)) * v[e, h / group]; zeros where a row sees nothing.
    /// Of a sequence that has rows, every key and value up to the last row's position has to be finite.
    /// </summary>
    /// <param name="q">[rows, heads, headDim], normed and rotated.</param>
    /// <param name="k">[entries, kvHeads, headDim], likewise.</param>
    /// <param name="v">[entries, kvHeads, headDim].</param>
    /// <param name="ranges">Who sees what.</param>
    /// <param name="mixed">[rows, heads, headDim], written.</param>
    /// <param name="logSums">[rows, heads], written: log of the sum of e to the scaled scores; minus infinity where a row sees nothing.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <remarks>Source: arXiv 1706.03762; what is seen, arXiv 2511.08577; blocks of entries with a running softmax, arXiv 2205.14135.</remarks>
    public void Run(Floats q, Floats k, Floats v, AttentionRanges ranges, Floats mixed, Floats logSums, PackedAttentionShape shape)
    {
        shape.Check(ranges);
        if (_mma is not null) PackedAttentionMma.Check(shape);
        ShapeException.ThrowIfShorter(q, shape.QueryLength, nameof(q));
        ShapeException.ThrowIfShorter(k, shape.EntryLength, nameof(k));
        ShapeException.ThrowIfShorter(v, shape.EntryLength, nameof(v));
        ShapeException.ThrowIfShorter(mixed, shape.QueryLength, nameof(mixed));
        ShapeException.ThrowIfShorter(logSums, (long)shape.Rows * shape.Heads, nameof(logSums));
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(PackedAttention), _variant, shape.Work(ranges.Pairs));
        if (_portable is not null)
            _portable((checked(shape.Rows * shape.Heads), _device.GroupSize), q, k, v, ranges.Ranges, mixed, logSums, shape);
        else if (_mma is not null)
            _mma.Forward(q, k, v, ranges, mixed, logSums, shape);
        else
            PackedAttentionSimd.Run(_device.Workers!, q, k, v, ranges, mixed, logSums, shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _mma?.Dispose();
}
