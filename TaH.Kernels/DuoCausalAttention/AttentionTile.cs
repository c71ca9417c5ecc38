using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>
/// The online softmax of the tiled SIMD attention: the queries of some rows of a sequence that share a KV head, against a block of entries at a time.
/// Query q is that of row q / group and of the group's head q % group.
/// </summary>
internal readonly unsafe struct AttentionTile<TLanes> where TLanes : struct, ILanes<TLanes>
{
    /// <summary>Entries of a block: whole panels at every width of vectors.</summary>
    public const int Entries = 64;

    private readonly DuoCausalAttentionShape _shape;
    private readonly HostGrid _grid;
    private readonly int _firstRow;
    private readonly int _rows;
    private readonly int _kvHead;
    private readonly int _width; // headDim, rounded up to whole tiles
    private readonly float* _query; // [queries, headDim], scaled
    private readonly float* _sums; // [queries, width], relative to the largest score
    private readonly float* _weights; // [queries, Entries]: scores, then their weights
    private readonly float* _keys; // [panels, headDim, columns]
    private readonly float* _values; // [Entries, width]
    private readonly float* _largest; // [queries] the largest score so far
    private readonly float* _total; // [queries] the sum of weights so far

    /// <param name="memory"><see cref="FloatsFor"/> floats.</param>
    /// <param name="firstRow">The first row.</param>
    /// <param name="rows">How many, all of one sequence.</param>
    /// <param name="kvHead">The KV head.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="grid">What the rows see.</param>
    public AttentionTile(float* memory, int firstRow, int rows, int kvHead, DuoCausalAttentionShape shape, HostGrid grid)
    {
        (_shape, _grid, _firstRow, _rows, _kvHead, _width) = (shape, grid, firstRow, rows, kvHead, WidthOf(shape));
        var queries = Padded(rows * shape.HeadsPerKvHead);
        _query = memory;
        _sums = _query + (queries * shape.HeadDim);
        _weights = _sums + (queries * _width);
        _keys = _weights + (queries * Entries);
        _values = _keys + (Entries * shape.HeadDim);
        _largest = _values + (Entries * _width);
        _total = _largest + queries;
    }

    private int Queries => _rows * _shape.HeadsPerKvHead;

    /// <summary>Floats that a tile works in.</summary>
    public static int FloatsFor(int rows, DuoCausalAttentionShape shape) =>
        (Padded(rows * shape.HeadsPerKvHead) * (shape.HeadDim + WidthOf(shape) + Entries + 2)) + (Entries * (shape.HeadDim + WidthOf(shape)));

    /// <summary>Where the key of an entry of the block begins as a column; the columns of a panel lie side by side.</summary>
    public float* KeyColumn(int entry)
    {
        var (panel, column) = Math.DivRem(entry, TileProduct<TLanes>.Columns);
        return _keys + (panel * _shape.HeadDim * TileProduct<TLanes>.Columns) + column;
    }

    /// <summary>Where the value of an entry of the block goes.</summary>
    public float* ValueLine(int entry) => _values + (entry * _width);

    /// <summary>Where a cell's key, and its value, begins in the layer.</summary>
    public long StartOf(int cell) => (((long)cell * _shape.KvHeads) + _kvHead) * _shape.HeadDim;

    /// <summary>Entries of a list that the row sees which sees most.</summary>
    public int MostVisible(int depth)
    {
        var most = 0;
        for (var row = 0; row < _rows; row++) most = Math.Max(most, _grid.Visible(_firstRow + row, depth, _shape));
        return most;
    }

    /// <summary>The cells of a block.</summary>
    public void Locate(int depth, int entry, Span<int> cells)
    {
        for (var i = 0; i < cells.Length; i++) cells[i] = _grid.CellOf(_grid.Sequence(_firstRow), depth, entry + i, _shape);
    }

    /// <summary>Starts with no entries.</summary>
    /// <param name="query">[rows, heads, headDim] of the pass.</param>
    public void Start(float* query)
    {
        for (var q = 0; q < Padded(Queries); q++)
        {
            var own = new Span<float>(_query + (q * _shape.HeadDim), _shape.HeadDim);
            if (q < Queries) TensorPrimitives.Multiply(new ReadOnlySpan<float>(query + HeadAt(q), _shape.HeadDim), _shape.Scale, own);
            else own.Clear();
            new Span<float>(_sums + (q * _width), _width).Clear();
            (_largest[q], _total[q]) = (float.NegativeInfinity, 0f);
        }
    }

    /// <summary>The panels hold the keys of a block: turns scores into weights, and brings the sums to the new largest scores.</summary>
    public void Score(int depth, int entry, int count)
    {
        for (var q = FirstTile(depth, entry); q < Queries; q += TileProduct<TLanes>.Rows)
        {
            for (var column = 0; column < count; column += TileProduct<TLanes>.Columns)
            {
                TileProduct<TLanes>.Run(
                    _query + (q * _shape.HeadDim), _shape.HeadDim, TileProduct<TLanes>.Rows, KeyColumn(column), TileProduct<TLanes>.Columns,
                    _shape.HeadDim, _weights + (q * Entries) + column, Entries, accumulate: false);
            }
            for (var own = q; own < Math.Min(q + TileProduct<TLanes>.Rows, Queries); own++) Weigh(own, Seen(own, depth, entry, count));
        }
    }

    /// <summary>The lines hold the values of a block: adds them to the sums by their weights.</summary>
    public void Accumulate(int depth, int entry, int count)
    {
        for (var q = FirstTile(depth, entry); q < Queries; q += TileProduct<TLanes>.Rows)
        {
            var end = Math.Min(q + TileProduct<TLanes>.Rows, Queries);
            var common = count;
            for (var own = q; own < end; own++) common = Math.Min(common, Seen(own, depth, entry, count));
            for (var i = 0; i < _width; i += TileProduct<TLanes>.Columns)
            {
                TileProduct<TLanes>.Run(
                    _weights + (q * Entries), Entries, TileProduct<TLanes>.Rows, _values + i, _width, common, _sums + (q * _width) + i, _width,
                    accumulate: true);
            }
            // What some of the rows do not see must not reach them, not even with a weight of zero: it may be infinite.
            for (var own = q; own < end; own++) AddRest(own, common, Seen(own, depth, entry, count));
        }
    }

    /// <summary>Divides the sums by the weights; a row that saw nothing gets zeros.</summary>
    /// <param name="mixed">[rows, heads, headDim] of the pass.</param>
    public void Finish(float* mixed)
    {
        for (var q = 0; q < Queries; q++)
        {
            var sums = new ReadOnlySpan<float>(_sums + (q * _width), _shape.HeadDim);
            TensorPrimitives.Multiply(sums, _total[q] == 0f ? 0f : 1f / _total[q], new Span<float>(mixed + HeadAt(q), _shape.HeadDim));
        }
    }

    private static int WidthOf(DuoCausalAttentionShape shape) => RoundUp(shape.HeadDim, TileProduct<TLanes>.Columns);

    private static int Padded(int queries) => RoundUp(queries, TileProduct<TLanes>.Rows);

    private static int RoundUp(int value, int step) => (value + step - 1) / step * step;

    private long HeadAt(int q)
    {
        var (row, member) = Math.DivRem(q, _shape.HeadsPerKvHead);
        return ((((long)_firstRow + row) * _shape.Heads) + (_kvHead * _shape.HeadsPerKvHead) + member) * _shape.HeadDim;
    }

    private int Seen(int q, int depth, int entry, int count) =>
        Math.Clamp(_grid.Visible(_firstRow + (q / _shape.HeadsPerKvHead), depth, _shape) - entry, 0, count);

    /// <summary>The first tile of queries with one that sees the block; rows in order of position see more and more.</summary>
    private int FirstTile(int depth, int entry)
    {
        var row = 0;
        while (row < _rows && _grid.Visible(_firstRow + row, depth, _shape) <= entry) row++;
        return row * _shape.HeadsPerKvHead / TileProduct<TLanes>.Rows * TileProduct<TLanes>.Rows;
    }

    private void Weigh(int q, int seen)
    {
        if (seen == 0) return;
        var scores = new Span<float>(_weights + (q * Entries), seen);
        var largest = MathF.Max(_largest[q], TensorPrimitives.Max(scores));
        TensorPrimitives.Subtract(scores, largest, scores);
        TensorPrimitives.Exp(scores, scores);
        var rescale = MathF.Exp(_largest[q] - largest); // 0 at the first block
        _total[q] = (_total[q] * rescale) + TensorPrimitives.Sum<float>(scores);
        _largest[q] = largest;
        if (rescale == 1f) return;
        var sums = new Span<float>(_sums + (q * _width), _width);
        TensorPrimitives.Multiply(sums, rescale, sums);
    }

    private void AddRest(int q, int from, int to)
    {
        var sums = new Span<float>(_sums + (q * _width), _shape.HeadDim);
        for (var entry = from; entry < to; entry++)
            TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(ValueLine(entry), _shape.HeadDim), _weights[(q * Entries) + entry], sums, sums);
    }
}
