namespace TaH.Kernels;

/// <summary>
/// What stands between the projections and attention: norm and rotary embedding of every query and key head, then keys and values into the KV cache.
/// </summary>
public sealed class RotateAndStore
{
    private readonly ComputeDevice _device;
    private readonly RotateAndStoreVariant _variant;
    private readonly RotateAndStoreLaunches? _launches;

    /// <summary>Prepares one variant for a device; a kernel is compiled when its element type is first met.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public RotateAndStore(ComputeDevice device, RotateAndStoreVariant variant)
    {
        (_device, _variant) = (device, variant);
        if (variant == RotateAndStoreVariant.Simd) device.RequireCpu(nameof(RotateAndStoreVariant.Simd));
        else _launches = new RotateAndStoreLaunches(device);
    }

    /// <summary>
    /// For every head h of q and of k: n = h * norm / rms(h), then out[i] = n[i] cos - n[i + half] sin and out[i + half] = n[i + half] cos + n[i]
    /// sin, with the angle of the row's position. q is overwritten; k and v go to the row's cell.
    /// </summary>
    /// <param name="qkv">q [rows, heads, headDim], overwritten; k [rows, kvHeads, headDim], undefined afterwards; v [rows, kvHeads, headDim],
    /// read.</param>
    /// <param name="queryNorm">[headDim], the learned weight of the query heads' RMSNorm.</param>
    /// <param name="keyNorm">[headDim], the same for key heads.</param>
    /// <param name="rope">The angles; grown if a position lies beyond it.</param>
    /// <param name="rows">Positions and cells. No two rows may share a cell.</param>
    /// <param name="cache">Where entries go; its shape has the same heads.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row's cell is outside the cache.</exception>
    /// <remarks>Source: Qwen3Attention of transformers (q_norm, k_norm, apply_rotary_pos_emb with rotate_half); arXiv 2104.09864.</remarks>
    public void Run(QkvBuffers qkv, Floats queryNorm, Floats keyNorm, RopeTable rope, RowTable rows, KvLayer cache, RotateAndStoreShape shape)
    {
        Check(qkv, queryNorm, keyNorm, rope, rows, cache, shape);
        if (shape.Rows == 0) return;
        rope.Reserve(rows.MaxPosition + 1);
        using var _ = _device.Profile(nameof(RotateAndStore), _variant, shape.Work(cache.Shape.Type));
        if (_launches is null) RotateAndStoreSimd.Run(_device.Workers!, qkv, queryNorm, keyNorm, rope.View, rows, cache, shape);
        else _launches.Run((shape.Rows * shape.RotatedHeads, _device.GroupSize), qkv, queryNorm, keyNorm, rope.View, rows, cache, shape);
    }

    /// <summary>Compares what the step takes with its shape.</summary>
    internal static void Check(
        QkvBuffers qkv, Floats queryNorm, Floats keyNorm, RopeTable rope, RowTable rows, KvLayer cache, RotateAndStoreShape shape)
    {
        ShapeException.ThrowIfShorter(qkv.Query, (long)shape.Rows * shape.Heads * shape.HeadDim, "query");
        ShapeException.ThrowIfShorter(qkv.Key, (long)shape.Rows * shape.KvHeads * shape.HeadDim, "key");
        ShapeException.ThrowIfShorter(qkv.Value, (long)shape.Rows * shape.KvHeads * shape.HeadDim, "value");
        ShapeException.ThrowIfShorter(queryNorm, shape.HeadDim, nameof(queryNorm));
        ShapeException.ThrowIfShorter(keyNorm, shape.HeadDim, nameof(keyNorm));
        ShapeException.ThrowIfDifferent(rope.HeadDim, shape.HeadDim, "a line of the rope table");
        ShapeException.ThrowIfDifferent(cache.Shape.KvHeads, shape.KvHeads, "the KV cache's set of heads");
        ShapeException.ThrowIfDifferent(cache.Shape.HeadDim, shape.HeadDim, "a head of the KV cache");
        ShapeException.ThrowIfDifferent(rows.Count, shape.Rows, "the row table");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxCell, cache.Length / cache.Shape.EntryLength);
    }
}
