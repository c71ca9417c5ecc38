namespace TaH.Kernels;

/// <summary>The input of every row of a pass: its token's embedding at depth 0, the soft embedding of its slot deeper.</summary>
public sealed class Embedding
{
    private readonly ComputeDevice _device;
    private readonly EmbeddingVariant _variant;
    private readonly EmbeddingCudaOctets? _octets;
    private readonly EmbeddingLaunches? _launches;

    /// <summary>Prepares one variant for a device; a kernel is compiled when its element type is first met.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public Embedding(ComputeDevice device, EmbeddingVariant variant)
    {
        if (variant == EmbeddingVariant.CudaOctets) _octets = new EmbeddingCudaOctets(device);
        (_device, _variant) = (device, variant);
        if (variant == EmbeddingVariant.Simd) device.RequireCpu(nameof(EmbeddingVariant.Simd));
        else _launches = new EmbeddingLaunches(device);
    }

    /// <summary>
    /// x[r] = embedding[token[r]] at depth 0; deeper, the sum over the first softTopK of slot[r]'s top logits of softmax(those logits) *
    /// embedding[their token].
    /// </summary>
    /// <param name="embedding">[vocab, hidden].</param>
    /// <param name="rows">Tokens, depths and slots.</param>
    /// <param name="logits">Where deeper rows find their top logits.</param>
    /// <param name="softTopK">How many are mixed; at most what <paramref name="logits"/> keeps.</param>
    /// <param name="x">[rows, hidden]; every element is written.</param>
    /// <exception cref="ShapeException">x is shorter than the rows ask for, or the vocabularies differ.</exception>
    /// <exception cref="ArgumentOutOfRangeException">More is mixed than is kept, or a row's token or slot does not exist.</exception>
    /// <remarks>Source: the input updater of the official code (arXiv 2511.08577, section 4): the softmax is over the kept values only.</remarks>
    public void Run(WeightMatrix embedding, RowTable rows, LogitsState logits, int softTopK, Floats x)
    {
        ShapeException.ThrowIfShorter(x, (long)rows.Count * embedding.Columns, nameof(x));
        ShapeException.ThrowIfDifferent(embedding.Rows, logits.Vocab, "a column of the embedding");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(softTopK, logits.TopK);
        ArgumentOutOfRangeException.ThrowIfLessThan(softTopK, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxToken, embedding.Rows);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSlot, logits.Slots);
        if (rows.Count == 0) return;
        var shape = new EmbeddingShape(embedding.Columns, logits.TopK, softTopK);
        using var _ = _device.Profile(nameof(Embedding), _variant, shape.Work(rows.DeepFrom, rows.DeepCount, embedding.Type));
        if (_launches is null) EmbeddingSimd.Run(_device.Workers!, embedding, rows, logits, x, shape);
        else if (_octets is not null && EmbeddingCudaOctets.Takes(embedding, x)) _octets.Run(embedding, rows, logits, x, shape);
        else _launches.Run((rows.Count, _device.GroupSize), embedding, rows, logits, x, shape);
    }
}
