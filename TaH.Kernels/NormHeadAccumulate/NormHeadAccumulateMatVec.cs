namespace TaH.Kernels;

/// <summary>
/// CUDA, few rows that all want logits: RMSNorm, the head, the sum into each row's slot and the maxima that <see cref="TopKVariant.CudaBuckets"/>
/// starts from, in one launch.
/// </summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class NormHeadAccumulateMatVec(ComputeDevice device)
{
    private readonly MatVecLaunches<HeadPairs> _launches = new(device, MatVecPlan.Head);

    /// <summary>Whether the kernel takes these rows: few, and the head runs for all of them.</summary>
    public static bool Takes(RowTable rows) => rows.Count is > 0 and <= MatVec.MaxRows && rows.HeadCount == rows.Count;

    /// <summary>
    /// accumulated[slot[r]] = head norm(x[r]) at depth 0, and accumulated[slot[r]] + head norm(x[r]) deeper, where norm(x) is what
    /// <see cref="RmsNorm.Run"/> computes.
    /// </summary>
    /// <param name="x">[rows, hidden].</param>
    /// <param name="gain">[hidden].</param>
    /// <param name="head">[vocab, hidden].</param>
    /// <param name="rows">Depths and slots. No two rows may share a slot.</param>
    /// <param name="raw">[rows, vocab]; written if <paramref name="keepsRaw"/>.</param>
    /// <param name="keepsRaw">Whether the products themselves are read later.</param>
    /// <param name="logits">The sums, and the maxima of their buckets.</param>
    /// <param name="epsilon">Of the norm.</param>
    /// <exception cref="ShapeException">A view or the head has another size than the rows and slots ask for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row's slot does not exist.</exception>
    /// <exception cref="NotSupportedException"><see cref="Takes"/> says no.</exception>
    public void Run(Floats x, Floats gain, WeightMatrix head, RowTable rows, Floats raw, bool keepsRaw, LogitsState logits, float epsilon)
    {
        ShapeException.ThrowIfShorter(x, (long)rows.Count * head.Columns, nameof(x));
        ShapeException.ThrowIfShorter(gain, head.Columns, nameof(gain));
        ShapeException.ThrowIfDifferent(head.Rows, logits.Vocab, "a column of the head");
        if (keepsRaw) ShapeException.ThrowIfShorter(raw, (long)rows.Count * head.Rows, nameof(raw));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSlot, logits.Slots);
        if (!Takes(rows)) throw new NotSupportedException($"{rows.Count} rows of which {rows.HeadCount} want logits");
        var product = new MatMulShape(rows.Count, head.Columns, head.Rows);
        using var _ = device.Profile("NormHeadAccumulate", "MatVec", product.Work(head.Type));
        var pairs = new HeadPairs(
            head.Address, rows.RowDepths, rows.Slots, logits.Accumulated, logits.BucketMaxima, raw, head.Rows, keepsRaw ? 1 : 0);
        _launches.Run(x, new MatVecNorm(gain, epsilon), head.Type, pairs, pairs.Pairs, rows.Count, head.Columns);
    }
}
