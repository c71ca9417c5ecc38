namespace TaH.Kernels;

/// <summary>
/// Softmax attention over the position x depth grid: a row of position p and depth d sees every entry of a position up to p and a depth up to d, in
/// its own sequence. At depth 0 that is plain causal attention.
/// </summary>
public sealed class DuoCausalAttention : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly DuoCausalAttentionVariant _variant;
    private readonly DuoCausalAttentionLaunches? _launches;
    private readonly DuoCausalAttentionPartials _partials;

    /// <summary>Prepares one variant for a device; a kernel is compiled when its element type is first met.</summary>
    /// <param name="device">Where it runs.</param>
    /// <param name="variant">How it is computed.</param>
    public DuoCausalAttention(ComputeDevice device, DuoCausalAttentionVariant variant)
    {
        _device = device;
        _variant = variant;
        if (variant is DuoCausalAttentionVariant.Simd or DuoCausalAttentionVariant.SimdTiled) device.RequireCpu(variant.ToString());
        else _launches = new DuoCausalAttentionLaunches(device);
        _partials = new DuoCausalAttentionPartials(device);
    }

    /// <summary>
    /// mixed[r, h] = sum over e of softmax(q[r, h] . key[e] / sqrt(headDim)) * value[e], where e runs over the first visible[r, d] entries of every
    /// depth's list d, and key and value are those of head h / (heads / kvHeads). One softmax over the union, summed in f32 as the entries come
    /// (online), so that no temporary grows with the context. A row that sees nothing gets zeros.
    /// </summary>
    /// <param name="query">[rows, heads, headDim].</param>
    /// <param name="rows">Sequences and what each row sees.</param>
    /// <param name="cache">Keys and values of the layer. Nothing but the visible entries is read.</param>
    /// <param name="tables">Where the lists lie: entry e is in page tables[sequence, depth, e / pageSize].</param>
    /// <param name="mixed">[rows, heads, headDim]; every element is written. Not <paramref name="query"/> itself.</param>
    /// <param name="shape">The sizes that all are checked against.</param>
    /// <exception cref="ShapeException">A view is shorter than the shape says; the message names it and both sizes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A row's sequence has no page tables, or it sees more entries than a list holds.</exception>
    /// <remarks>
    /// Source: duo-causal attention of arXiv 2511.08577; online softmax of arXiv 1805.02867. Allocates only when a longer split or a wider head than
    /// before is met.
    /// </remarks>
    public void Run(Floats query, RowTable rows, KvLayer cache, KvPageTables tables, Floats mixed, DuoCausalAttentionShape shape)
    {
        Check(query, rows, cache, tables, mixed, shape);
        if (shape.Rows == 0) return;
        using var _ = _device.Profile(nameof(DuoCausalAttention), _variant,
            _device.Profiler is null ? default : shape.Work(rows.CountSeen(), cache.Shape.Type));
        var grid = new DuoCausalGrid(rows.Sequences, rows.Visible, tables.View);
        if (_variant == DuoCausalAttentionVariant.SimdTiled) DuoCausalAttentionSimdTiled.Run(_device.Workers!, query, grid, cache, mixed, shape);
        else if (_launches is null) DuoCausalAttentionSimd.Run(_device.Workers!, _partials, query, grid, cache, mixed, shape);
        else if (_variant == DuoCausalAttentionVariant.PortableSplit) RunSplit(_launches, query, grid, cache, mixed, shape);
        else _launches.Whole((shape.Rows * shape.Heads, _device.GroupSize), query, grid, cache, mixed, shape);
    }

    /// <inheritdoc/>
    public void Dispose() => _partials.Dispose();

    private void RunSplit(
        DuoCausalAttentionLaunches launches, Floats query, DuoCausalGrid grid, KvLayer cache, Floats mixed, DuoCausalAttentionShape shape)
    {
        var heads = shape.Rows * shape.Heads;
        var splits = DuoCausalAttentionPartials.SplitsFor(heads);
        _partials.Reserve((long)heads * splits, shape.HeadDim);
        launches.Part((heads * splits, _device.GroupSize), query, grid, cache, _partials.View, shape, splits);
        launches.Combine((heads, _device.GroupSize), _partials.View, mixed, shape, splits);
    }

    /// <summary>Compares what an attention takes with its shape.</summary>
    internal static void Check(Floats query, RowTable rows, KvLayer cache, KvPageTables tables, Floats mixed, DuoCausalAttentionShape shape)
    {
        ShapeException.ThrowIfShorter(query, (long)shape.Rows * shape.Heads * shape.HeadDim, nameof(query));
        ShapeException.ThrowIfShorter(mixed, (long)shape.Rows * shape.Heads * shape.HeadDim, nameof(mixed));
        ShapeException.ThrowIfDifferent(rows.Count, shape.Rows, "the row table");
        ShapeException.ThrowIfDifferent(rows.Depths, shape.Depths, "a row's list of visible entries");
        ShapeException.ThrowIfDifferent(cache.Shape.KvHeads, shape.KvHeads, "the KV cache's set of heads");
        ShapeException.ThrowIfDifferent(cache.Shape.HeadDim, shape.HeadDim, "a head of the KV cache");
        ShapeException.ThrowIfDifferent(cache.Shape.PageSize, shape.PageSize, "a page of the KV cache");
        ShapeException.ThrowIfDifferent(tables.Depths, shape.Depths, "a sequence's page tables");
        ShapeException.ThrowIfDifferent(tables.MaxPages, shape.MaxPages, "a page table");
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rows.MaxSequence, tables.Sequences);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.MaxVisible, (long)shape.MaxPages * shape.PageSize);
        if (shape.Heads % shape.KvHeads != 0)
            throw new ArgumentException($"{shape.Heads} heads cannot share {shape.KvHeads} key and value heads evenly", nameof(shape));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shape.HeadDim, DuoCausalAttentionShape.MaxHeadDim, nameof(shape));
    }
}
