using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>A row of a scene: whose it is, its place in the grid and how many entries it sees at each depth, its own included.</summary>
internal sealed record SceneRow(int Sequence, int Position, int Depth, int[] Visible);

/// <summary>Rows that do not see each other, on the way from their products to the result of attention.</summary>
internal sealed class SplitDecodeScene : IDisposable
{
    private const double Theta = 1e6;
    private const float Epsilon = 1e-3f;

    private readonly ComputeDevice _device;
    private readonly SceneRow[] _rows;
    private readonly KvPool _pool;
    private readonly KvPageTables _tables;
    private readonly RowTable _table;
    private readonly RopeTable _rope;
    private readonly float[][] _products;
    private readonly float[][] _norms;
    private readonly float[] _keys;
    private readonly float[] _values;
    private readonly int[][] _cells;

    /// <param name="device">Where.</param>
    /// <param name="shape">Heads, headDim, page size and depths; rows and maxPages are set here.</param>
    /// <param name="type">How entries are stored.</param>
    /// <param name="rows">Independent rows, by depth.</param>
    public SplitDecodeScene(ComputeDevice device, DuoCausalAttentionShape shape, ElementType type, params SceneRow[] rows)
    {
        (_device, _rows) = (device, rows);
        var maxPages = (rows.Max(row => row.Visible.Max()) / shape.PageSize) + 1;
        Shape = shape with { Rows = rows.Length, MaxPages = maxPages };
        var lists = (rows.Max(row => row.Sequence) + 1) * shape.Depths;
        var pages = Enumerable.Range(1, lists * maxPages).ToArray(); // in no order; page 0 belongs to nobody
        new Random(9).Shuffle(pages);
        _tables = new KvPageTables(device, lists / shape.Depths, shape.Depths, maxPages);
        for (var list = 0; list < lists; list++)
            _tables.Write(list / shape.Depths, list % shape.Depths, 0, pages.AsSpan(list * maxPages, maxPages));
        _pool = new KvPool(device, new KvShape(Layers: 1, shape.KvHeads, shape.HeadDim, shape.PageSize, shape.Depths, type));
        _pool.Grow(pages.Length + 1);
        var length = (int)_pool.Layer(0).Length;
        _keys = KvData.Rounded(type, RandomData.Uniform(1, length, scale: 2f));
        _values = KvData.Rounded(type, RandomData.Uniform(2, length));
        int[] widths = [shape.Heads, shape.KvHeads, shape.KvHeads];
        _products = [.. widths.Select((heads, i) => RandomData.Uniform(10 + i, rows.Length * heads * shape.HeadDim))];
        // Query heads come out large, so that weights differ by orders of magnitude.
        _norms = [RandomData.Uniform(20, shape.HeadDim, scale: 3f), RandomData.Uniform(21, shape.HeadDim, scale: 2f)];
        _rope = new RopeTable(device, shape.HeadDim, Theta);
        _cells = [.. rows.Select(row => CellsOf(row, pages).ToArray())];
        _table = new RowTable(device, rows.Length, shape.Depths);
        Row[] uploaded = [.. rows.Select((row, i) => new Row(row.Sequence, row.Position, row.Depth, 0, 0, OwnCell(i), false))];
        _table.Upload(uploaded, rows.SelectMany(row => row.Visible).ToArray());
    }

    public DuoCausalAttentionShape Shape { get; }

    public RowTable Table => _table;

    /// <summary>Runs with NaN wherever that row may not look, its own cell included, and compares its results and its new entry.</summary>
    public void CheckRowWithTheRestPoisoned(DuoCausalAttentionSplitDecode attention, int row, int? splits = null) =>
        CheckRowWithTheRestPoisoned(With(attention, splits), row);

    /// <summary>The same for another kernel.</summary>
    public void CheckRowWithTheRestPoisoned(DecodeAttention attention, int row)
    {
        var (type, width) = (_pool.Shape.Type, Shape.HeadDim);
        var before = _cells[row].Except([OwnCell(row)]).ToArray();
        _pool.Layer(0).Fill(type, Poison(_keys, before), Poison(_values, before));
        var mixed = Run(attention);
        var (keys, values) = _pool.Layer(0).Read();

        // As in RotateAndStoreTests: headDim / 2 + 12 roundings of a head whose elements are at most sqrt(headDim) times a gain of 3.
        var rotation = ((width / 2) + 12) * 3 * Math.Sqrt(width) * Math.Pow(2, -24);
        var (own, kvWidth) = (OwnCell(row) * Shape.KvHeads * width, Shape.KvHeads * width);
        var key = Rotated(_products[1], _norms[1], row, Shape.KvHeads);
        var unit = type switch { ElementType.F32 => 0, ElementType.F16 => Math.Pow(2, -11), _ => Math.Pow(2, -8) };
        Near.Absolute(key, keys[own..(own + kvWidth)], rotation + (3 * Math.Sqrt(width) * unit));
        Assert.Equal(KvData.Rounded(type, _products[2][(row * kvWidth)..((row + 1) * kvWidth)]), values[own..(own + kvWidth)]);

        float[] query = [.. Rotated(_products[0], _norms[0], row, Shape.Heads).Select(value => (float)value)];
        for (var head = 0; head < Shape.Heads; head++)
        {
            var start = ((row * Shape.Heads) + head) * width;
            var (expected, bounds) = DuoCausalAttentionReference.Head(
                query.AsSpan(head * width, width), keys, values, _cells[row], head * Shape.KvHeads / Shape.Heads, Shape.KvHeads, rotation);
            Near.Absolute(expected, mixed[start..(start + width)], bounds);
        }
    }

    /// <summary>
    /// Runs with NaN wherever no row may look, the new cells included, and compares the results and the new entry of every row. Rows may see each
    /// other.
    /// </summary>
    public void CheckAllRows(DuoCausalAttentionFlash attention, ElementType reader)
    {
        var width = Shape.HeadDim;
        var old = _cells.SelectMany(cells => cells).Except(Enumerable.Range(0, Shape.Rows).Select(OwnCell)).ToArray();
        _pool.Layer(0).Fill(_pool.Shape.Type, Poison(_keys, old), Poison(_values, old));
        var mixed = RunFlash(attention, reader);
        var (keys, values) = _pool.Layer(0).Read();
        var kvWidth = Shape.KvHeads * width;
        for (var row = 0; row < Shape.Rows; row++)
        {
            var own = OwnCell(row) * kvWidth;
            float[] key = [.. Rotated(_products[1], _norms[1], row, Shape.KvHeads).Select(value => (float)value)];
            Near.RelativeL2(key, keys.AsSpan(own, kvWidth), Math.Pow(2, -8), $"key of row {row}");
            Assert.Equal(KvData.Rounded(_pool.Shape.Type, _products[2][(row * kvWidth)..((row + 1) * kvWidth)]), values[own..(own + kvWidth)]);
            var query = KvData.Rounded(ElementType.Bf16, [.. Rotated(_products[0], _norms[0], row, Shape.Heads).Select(value => (float)value)]);
            for (var head = 0; head < Shape.Heads; head++)
            {
                var (expected, _) = DuoCausalAttentionReference.Head(
                    query.AsSpan(head * width, width), keys, values, _cells[row], head * Shape.KvHeads / Shape.Heads, Shape.KvHeads);
                // Weights are rounded to 8 bits and so, perhaps, are results; here and there a query's element is rounded the other way.
                Near.RelativeL2(
                    [.. expected.Select(value => (float)value)], mixed.AsSpan(((row * Shape.Heads) + head) * width, width), Math.Pow(2, -6),
                    $"row {row}, head {head}");
            }
        }
    }

    /// <summary>Everything filled with numbers; the results of all rows.</summary>
    public float[] RunOnWhole(DuoCausalAttentionFlash attention, ElementType reader)
    {
        _pool.Layer(0).Fill(_pool.Shape.Type, _keys, _values);
        return RunFlash(attention, reader);
    }

    /// <summary>Everything filled with numbers; the results of all rows.</summary>
    public float[] RunOnWhole(DuoCausalAttentionSplitDecode attention, int? splits = null) => RunOnWhole(With(attention, splits));

    /// <summary>The same for another kernel.</summary>
    public float[] RunOnWhole(DecodeAttention attention)
    {
        _pool.Layer(0).Fill(_pool.Shape.Type, _keys, _values);
        return Run(attention);
    }

    public void Dispose()
    {
        _pool.Dispose();
        _tables.Dispose();
        _table.Dispose();
        _rope.Dispose();
    }

    /// <summary>Results as bf16 are those of f32, rounded; they lie in the first half of the memory.</summary>
    public void CheckNarrowResults(DecodeAttention wide, DecodeAttention narrow)
    {
        float[] singles = Run(wide), halves = Run(narrow);
        for (var i = 0; i < singles.Length; i++)
        {
            var bits = BitConverter.SingleToUInt32Bits(halves[i / 2]) >> (i % 2 * 16);
            Assert.Equal(default(Bfloat16Format).Narrow(singles[i]), (ushort)bits);
        }
    }

    /// <summary>The same of the kernel that splits entries.</summary>
    public void CheckNarrowResults(DuoCausalAttentionSplitDecode attention) =>
        CheckNarrowResults(With(attention, null), With(attention, null, narrow: true));

    private static DecodeAttention With(DuoCausalAttentionSplitDecode attention, int? splits, bool narrow = false) =>
        (qkv, queryNorm, keyNorm, rope, rows, cache, tables, mixed, shape, epsilon) =>
            attention.Run(qkv, queryNorm, keyNorm, rope, rows, cache, tables, mixed, shape, epsilon, splits, narrow);

    private float[] Run(DecodeAttention attention)
    {
        using var buffers = new Buffers(_device, _products, _norms);
        attention(
            buffers.Qkv, buffers.Norms[0].View, buffers.Norms[1].View, _rope, _table, _pool.Layer(0), _tables, buffers.Mixed.View, Shape, Epsilon);
        _device.Synchronize();
        return buffers.Mixed.Read();
    }

    private float[] RunFlash(DuoCausalAttentionFlash attention, ElementType reader)
    {
        using var buffers = new Buffers(_device, _products, _norms);
        using var mixed = new Activations(_device, Shape.Rows, Shape.Heads * Shape.HeadDim, reader);
        mixed.FillSingles().CopyFromCPU([.. Enumerable.Repeat(float.NaN, _products[0].Length)]);
        attention.Run(
            buffers.Qkv, buffers.Norms[0].View, buffers.Norms[1].View, _rope, _table, _pool.Layer(0), _tables, mixed, Shape, Epsilon,
            narrow: reader == ElementType.Bf16);
        _device.Synchronize();
        var values = new float[_products[0].Length];
        if (mixed.Type == ElementType.F32)
        {
            _device.Download(mixed.Singles, values);
            return values;
        }
        var halves = new ushort[values.Length];
        _device.Download(mixed.Bfloat16, halves);
        return [.. halves.Select(bits => BitConverter.UInt32BitsToSingle((uint)bits << 16))];
    }

    private double[] Rotated(float[] products, float[] norm, int row, int heads)
    {
        var width = heads * Shape.HeadDim;
        return RotateAndStoreReference.Rotate(
            products[(row * width)..((row + 1) * width)], norm, [_rows[row].Position], Shape.HeadDim, Theta, Epsilon);
    }

    private int OwnCell(int row) => _cells[row][_rows[row].Visible.Take(_rows[row].Depth + 1).Sum() - 1];

    private IEnumerable<int> CellsOf(SceneRow row, int[] pages) =>
        from depth in Enumerable.Range(0, Shape.Depths)
        from entry in Enumerable.Range(0, row.Visible[depth])
        let list = (row.Sequence * Shape.Depths) + depth
        select (pages[(list * Shape.MaxPages) + (entry / Shape.PageSize)] * Shape.PageSize) + (entry % Shape.PageSize);

    private float[] Poison(float[] values, int[] seen)
    {
        var entry = Shape.KvHeads * Shape.HeadDim;
        var poisoned = Enumerable.Repeat(float.NaN, values.Length).ToArray();
        foreach (var cell in seen) values.AsSpan(cell * entry, entry).CopyTo(poisoned.AsSpan(cell * entry));
        return poisoned;
    }

    /// <summary>Inputs and results of one run.</summary>
    private sealed class Buffers(ComputeDevice device, float[][] products, float[][] norms) : IDisposable
    {
        private readonly FloatBuffer[] _products = [.. products.Select(device.Copy)];

        public FloatBuffer[] Norms { get; } = [.. norms.Select(device.Copy)];

        public Poisoned Mixed { get; } = new(device, products[0].Length);

        public QkvBuffers Qkv => new(_products[0].View, _products[1].View, _products[2].View);

        public void Dispose()
        {
            foreach (var buffer in _products.Concat(Norms)) buffer.Dispose();
            Mixed.Dispose();
        }
    }
}
