namespace TaH.Tests;

/// <summary>An attention kernel, bare.</summary>
internal delegate void AttentionKernel(Floats query, DuoCausalGrid grid, KvLayer cache, Floats mixed, DuoCausalAttentionShape shape);

/// <summary>Sequences with lists of entries at several depths in shuffled pages, and rows that see prefixes of them.</summary>
internal sealed class AttentionScene : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly KvPool _pool;
    private readonly KvPageTables _tables;
    private readonly RowTable _rows;
    private readonly FloatBuffer _query;
    private readonly float[] _queries;
    private readonly float[] _keys;
    private readonly float[] _values;
    private readonly int[][] _cells;

    /// <param name="device">Where.</param>
    /// <param name="shape">Heads, headDim, page size and depths; rows and maxPages are set here.</param>
    /// <param name="type">How entries are stored.</param>
    /// <param name="visible">[rows][depths] what each row sees of its sequence's lists.</param>
    /// <param name="sequences">[rows] the row's sequence.</param>
    public AttentionScene(ComputeDevice device, DuoCausalAttentionShape shape, ElementType type, int[][] visible, int[] sequences)
    {
        _device = device;
        var maxPages = (visible.Max(counts => counts.Max()) / shape.PageSize) + 1;
        Shape = shape with { Rows = visible.Length, MaxPages = maxPages };
        var sequenceCount = sequences.Max() + 1;
        // Every list owns all the pages of its table, in no order; page 0 belongs to nobody.
        var pages = Enumerable.Range(1, sequenceCount * shape.Depths * maxPages).ToArray();
        new Random(9).Shuffle(pages);
        _tables = new KvPageTables(device, sequenceCount, shape.Depths, maxPages);
        for (var list = 0; list < sequenceCount * shape.Depths; list++)
            _tables.Write(list / shape.Depths, list % shape.Depths, 0, pages.AsSpan(list * maxPages, maxPages));
        _pool = new KvPool(device, new KvShape(Layers: 1, shape.KvHeads, shape.HeadDim, shape.PageSize, shape.Depths, type));
        _pool.Grow(pages.Length + 1);
        var length = (int)_pool.Layer(0).Length;
        _keys = KvData.Rounded(type, RandomData.Uniform(1, length));
        _values = KvData.Rounded(type, RandomData.Uniform(2, length));
        // Scaled up, so that the largest score changes on the way and weights differ by orders of magnitude.
        _queries = RandomData.Uniform(3, Shape.Rows * shape.Heads * shape.HeadDim, scale: 6f);
        _query = device.Copy(_queries);
        _rows = new RowTable(device, Shape.Rows, shape.Depths);
        // What a row is at has no part in attention: what it sees is in the lists. Depth 0 serves for all.
        _rows.Upload([.. sequences.Select(sequence => new Row(sequence, 0, 0, 0, 0, 0, false))], visible.SelectMany(counts => counts).ToArray());
        _cells = [.. visible.Select((counts, row) => CellsOf(counts, pages, sequences[row]).ToArray())];
    }

    public DuoCausalAttentionShape Shape { get; }

    /// <summary>The whole batch once a row, with NaN wherever that row may not look; only that row is compared.</summary>
    public void CheckEveryRowWithTheRestPoisoned(DuoCausalAttention attention) =>
        CheckEveryRow(mixed => attention.Run(_query.View, _rows, _pool.Layer(0), _tables, mixed, Shape));

    /// <summary>The same for a kernel without its checks.</summary>
    public void CheckEveryRowWithTheRestPoisoned(AttentionKernel kernel) =>
        CheckEveryRow(mixed => kernel(_query.View, new DuoCausalGrid(_rows.Sequences, _rows.Visible, _tables.View), _pool.Layer(0), mixed, Shape));

    public void Dispose()
    {
        _pool.Dispose();
        _tables.Dispose();
        _rows.Dispose();
        _query.Dispose();
    }

    private void CheckEveryRow(Action<Floats> attend)
    {
        for (var row = 0; row < Shape.Rows; row++)
        {
            _pool.Layer(0).Fill(_pool.Shape.Type, Poison(_keys, _cells[row]), Poison(_values, _cells[row]));
            var mixed = Run(attend);
            var width = Shape.Heads * Shape.HeadDim;
            for (var head = 0; head < Shape.Heads; head++)
            {
                var start = (row * width) + (head * Shape.HeadDim);
                var (expected, bounds) = DuoCausalAttentionReference.Head(
                    _queries.AsSpan(start, Shape.HeadDim), _keys, _values, _cells[row], head * Shape.KvHeads / Shape.Heads, Shape.KvHeads);
                Near.Absolute(expected, mixed[start..(start + Shape.HeadDim)], bounds);
            }
        }
    }

    private float[] Run(Action<Floats> attend)
    {
        using var mixed = new Poisoned(_device, _queries.Length);
        attend(mixed.View);
        _device.Synchronize();
        return mixed.Read();
    }

    private IEnumerable<int> CellsOf(int[] counts, int[] pages, int sequence) =>
        from depth in Enumerable.Range(0, Shape.Depths)
        from entry in Enumerable.Range(0, counts[depth])
        select (pages[(((sequence * Shape.Depths) + depth) * Shape.MaxPages) + (entry / Shape.PageSize)] * Shape.PageSize) + (entry % Shape.PageSize);

    private float[] Poison(float[] values, int[] seen)
    {
        var entry = Shape.KvHeads * Shape.HeadDim;
        var poisoned = Enumerable.Repeat(float.NaN, values.Length).ToArray();
        foreach (var cell in seen) values.AsSpan(cell * entry, entry).CopyTo(poisoned.AsSpan(cell * entry));
        return poisoned;
    }
}
