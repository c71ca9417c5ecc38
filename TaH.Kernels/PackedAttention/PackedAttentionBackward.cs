using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Gradients of <see cref="PackedAttention"/>. With p[r, h, e] = e to the (scaled score - logSums[r, h]), delta[r, h] = dMixed[r, h] . mixed[r, h] and
/// ds[r, h, e] = p[r, h, e] * (dMixed[r, h] . v[e] - delta[r, h]) / sqrt(headDim): dq = ds k, dk = ds^T q, dv = p^T dMixed.
/// </summary>
public sealed class PackedAttentionBackward : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly PackedAttentionVariant _variant;
    private readonly Action<KernelConfig, PackedAttentionGiven, Ints, Floats, Floats, PackedAttentionShape>? _queries;
    private readonly Action<KernelConfig, PackedAttentionGiven, Ints, Floats, Floats, Floats, PackedAttentionShape>? _entries;
    private readonly PackedAttentionMma? _mma;
    private FloatBuffer? _deltas; // [rows, heads]

    /// <summary>Prepares one variant for a device.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public PackedAttentionBackward(ComputeDevice device, PackedAttentionVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == PackedAttentionVariant.Portable)
        {
            _queries = device.Load<PackedAttentionGiven, Ints, Floats, Floats, PackedAttentionShape>(PackedAttentionBackwardPortable.Queries);
            _entries = device.Load<PackedAttentionGiven, Ints, Floats, Floats, Floats, PackedAttentionShape>(PackedAttentionBackwardPortable.Entries);
        }
        else if (variant == PackedAttentionVariant.CudaMma)
        {
            _mma = new PackedAttentionMma(device);
        }
        else
        {
            device.RequireCpu(nameof(PackedAttentionVariant.Simd));
        }
    }

    /// <summary>Scores are computed again from <paramref name="logSums"/>; every sum has a fixed order.</summary>
    /// <param name="q">[rows, heads, headDim], as the forward had it.</param>
    /// <param name="k">[entries, kvHeads, headDim], likewise.</param>
    /// <param name="v">[entries, kvHeads, headDim], likewise.</param>
    /// <param name="mixed">[rows, heads, headDim]: what the forward gave.</param>
    /// <param name="logSums">[rows, heads]: what the forward gave.</param>
    /// <param name="dMixed">[rows, heads, headDim]: gradients of mixed.</param>
    /// <param name="ranges">Who sees what.</param>
    /// <param name="dq">[rows, heads, headDim], written.</param>
    /// <param name="dk">[entries, kvHeads, headDim], added to.</param>
    /// <param name="dv">[entries, kvHeads, headDim], added to.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <remarks>Source: arXiv 2205.14135, appendix B.</remarks>
    public void Run(
        Floats q, Floats k, Floats v, Floats mixed, Floats logSums, Floats dMixed, AttentionRanges ranges, Floats dq, Floats dk, Floats dv,
        PackedAttentionShape shape)
    {
        shape.Check(ranges);
        if (_mma is not null) PackedAttentionMma.Check(shape);
        ShapeException.ThrowIfShorter(q, shape.QueryLength, nameof(q));
        ShapeException.ThrowIfShorter(k, shape.EntryLength, nameof(k));
        ShapeException.ThrowIfShorter(v, shape.EntryLength, nameof(v));
        ShapeException.ThrowIfShorter(mixed, shape.QueryLength, nameof(mixed));
        ShapeException.ThrowIfShorter(logSums, (long)shape.Rows * shape.Heads, nameof(logSums));
        ShapeException.ThrowIfShorter(dMixed, shape.QueryLength, nameof(dMixed));
        ShapeException.ThrowIfShorter(dq, shape.QueryLength, nameof(dq));
        ShapeException.ThrowIfShorter(dk, shape.EntryLength, nameof(dk));
        ShapeException.ThrowIfShorter(dv, shape.EntryLength, nameof(dv));
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(PackedAttentionBackward), _variant, shape.BackwardWork(ranges.Pairs));
        var given = new PackedAttentionGiven(q, k, v, mixed, logSums, dMixed);
        if (_variant == PackedAttentionVariant.Simd)
        {
            PackedAttentionBackwardSimd.Run(_device.Workers!, given, ranges, dq, dk, dv, shape);
            return;
        }
        if (_mma is not null)
        {
            _mma.Backward(given, ranges, dq, dk, dv, shape);
            return;
        }
        var deltas = Deltas((long)shape.Rows * shape.Heads);
        _queries!((checked(shape.Rows * shape.Heads), _device.GroupSize), given, ranges.Ranges, dq, deltas, shape);
        _entries!((checked(shape.Entries * shape.KvHeads), _device.GroupSize), given, ranges.Seers, deltas, dk, dv, shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deltas?.Dispose();
        _mma?.Dispose();
    }

    private Floats Deltas(long length)
    {
        if (_deltas is null || _deltas.Length < length)
        {
            _device.ReplaceMemory();
            _deltas?.Dispose();
            _deltas = _device.AllocateFloats(length);
        }
        return _deltas.View.BaseView;
    }
}

/// <summary>What the backward reads.</summary>
/// <param name="Q">[rows, heads, headDim].</param>
/// <param name="K">[entries, kvHeads, headDim].</param>
/// <param name="V">[entries, kvHeads, headDim].</param>
/// <param name="Mixed">[rows, heads, headDim].</param>
/// <param name="LogSums">[rows, heads].</param>
/// <param name="DMixed">[rows, heads, headDim].</param>
internal readonly record struct PackedAttentionGiven(Floats Q, Floats K, Floats V, Floats Mixed, Floats LogSums, Floats DMixed);
