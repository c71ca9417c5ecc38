using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>What the backward on the CPU reads and writes.</summary>
internal readonly unsafe struct PackedGradientOperands(
    float* q, float* k, float* v, float* mixed, float* logSums, float* dMixed, float* dq, float* dk, float* dv, PackedSight seen)
{
    public readonly float* Q = q, K = k, V = v, Mixed = mixed, LogSums = logSums, DMixed = dMixed, Dq = dq, Dk = dk, Dv = dv;
    public readonly PackedSight Seen = seen;
}

/// <summary>A block of entries of one KV head against the queries that see it, a block of these at a time: five products and what lies between.</summary>
internal readonly unsafe struct PackedGradientBlock<TLanes> where TLanes : struct, ILanes<TLanes>
{
    private const int Block = PackedAttentionSimd.Block;

    private readonly PackedGradientOperands _of;
    private readonly PackedAttentionShape _shape;
    private readonly int _kvHead;
    private readonly int _width;
    private readonly int _turned; // from one line of turned weights to the next
    private readonly float* _keyColumns; // [panels, headDim, columns]
    private readonly float* _valueColumns; // [panels, headDim, columns]
    private readonly float* _keys; // [Block, width]
    private readonly float* _keyGradients; // [Block, width]
    private readonly float* _valueGradients; // [Block, width]
    private readonly float* _queries; // [queries, width], scaled
    private readonly float* _gradients; // [queries, width]
    private readonly float* _queryGradients; // [queries, width]
    private readonly float* _weights; // [queries, Block]
    private readonly float* _factors; // [queries, Block]: gradients of scores
    private readonly float* _turnedWeights; // [Block, queries]
    private readonly float* _turnedFactors; // [Block, queries]
    private readonly float* _deltas; // [queries]

    /// <param name="memory"><see cref="FloatsFor"/> floats.</param>
    /// <param name="operands">All of the call.</param>
    /// <param name="kvHead">The KV head.</param>
    /// <param name="shape">The sizes.</param>
    public PackedGradientBlock(float* memory, PackedGradientOperands operands, int kvHead, PackedAttentionShape shape)
    {
        (_of, _shape, _kvHead, _width, _turned) = (operands, shape, kvHead, PackedPanels<TLanes>.Width(shape.HeadDim), Turned(shape));
        int queries = Queries(shape), entries = PackedPanels<TLanes>.Padded(Block);
        _keyColumns = memory;
        _valueColumns = _keyColumns + (Block * shape.HeadDim);
        _keys = _valueColumns + (Block * shape.HeadDim);
        _keyGradients = _keys + (Block * _width);
        _valueGradients = _keyGradients + (entries * _width);
        _queries = _valueGradients + (entries * _width);
        _gradients = _queries + (queries * _width);
        _queryGradients = _gradients + (queries * _width);
        _weights = _queryGradients + (queries * _width);
        _factors = _weights + (queries * Block);
        _turnedWeights = _factors + (queries * Block);
        _turnedFactors = _turnedWeights + (entries * _turned);
        _deltas = _turnedFactors + (entries * _turned);
    }

    /// <summary>Floats that a block works in.</summary>
    public static int FloatsFor(PackedAttentionShape shape)
    {
        int width = PackedPanels<TLanes>.Width(shape.HeadDim), queries = Queries(shape), entries = PackedPanels<TLanes>.Padded(Block);
        return (Block * ((2 * shape.HeadDim) + width)) + (2 * entries * (width + Turned(shape))) + (queries * ((3 * width) + (2 * Block) + 1));
    }

    /// <summary>Makes dq zero, for blocks to add to.</summary>
    public void ClearQueries(PackedSpan rows)
    {
        for (var row = rows.First; row < rows.End; row++)
            new Span<float>(_of.Dq + At(row, 0), _shape.HeadsPerKvHead * _shape.HeadDim).Clear();
    }

    /// <summary>Adds what comes of a block of entries.</summary>
    /// <param name="rows">Rows of the sequence.</param>
    /// <param name="depth">The entries' depth.</param>
    /// <param name="entries">The entries.</param>
    public void Run(PackedSpan rows, int depth, PackedSpan entries)
    {
        var dim = _shape.HeadDim;
        var stride = (long)_shape.KvHeads * dim;
        var first = (((long)entries.First * _shape.KvHeads) + _kvHead) * dim;
        PackedPanels<TLanes>.Transpose(_of.K + first, stride, entries.Count, dim, _keyColumns);
        PackedPanels<TLanes>.Transpose(_of.V + first, stride, entries.Count, dim, _valueColumns);
        PackedPanels<TLanes>.Copy(_of.K + first, stride, entries.Count, dim, _keys, _width);
        new Span<float>(_keyGradients, entries.Count * _width).Clear();
        new Span<float>(_valueGradients, entries.Count * _width).Clear();
        var row = rows.First;
        while (row < rows.End && _of.Seen.End(row, depth) <= entries.First) row++;
        for (; row < rows.End; row += PackedAttentionSimd.RowsOfBlock(_shape))
        {
            var block = new PackedSpan(row, Math.Min(PackedAttentionSimd.RowsOfBlock(_shape), rows.End - row));
            Fetch(block);
            Weigh(block, depth, entries);
            AddToEntries(block, depth, entries);
        }
        for (var entry = 0; entry < entries.Count; entry++)
        {
            Add(_keyGradients + (entry * _width), _of.Dk + first + (entry * stride), 1f);
            Add(_valueGradients + (entry * _width), _of.Dv + first + (entry * stride), 1f);
        }
    }

    /// <summary>Queries, gradients and deltas of a block of rows.</summary>
    private void Fetch(PackedSpan rows)
    {
        int dim = _shape.HeadDim, group = _shape.HeadsPerKvHead;
        for (var row = 0; row < rows.Count; row++)
        {
            var at = At(rows.First + row, 0);
            PackedPanels<TLanes>.Copy(_of.Q + at, dim, group, dim, _queries + (row * group * _width), _width);
            PackedPanels<TLanes>.Copy(_of.DMixed + at, dim, group, dim, _gradients + (row * group * _width), _width);
            for (var member = 0; member < group; member++)
            {
                var start = at + (member * dim);
                _deltas[(row * group) + member] = TensorPrimitives.Dot(
                    new ReadOnlySpan<float>(_of.DMixed + start, dim), new ReadOnlySpan<float>(_of.Mixed + start, dim));
            }
        }
        var all = new Span<float>(_queries, rows.Count * group * _width);
        TensorPrimitives.Multiply(all, _shape.Scale, all);
    }

    /// <summary>Weights, gradients of scores, and of these what the rows get.</summary>
    private void Weigh(PackedSpan rows, int depth, PackedSpan entries)
    {
        int group = _shape.HeadsPerKvHead, count = rows.Count * group;
        for (var tile = 0; tile < count; tile += TileProduct<TLanes>.Rows)
        {
            var end = Math.Min(tile + TileProduct<TLanes>.Rows, count);
            var most = Seen(rows, end - 1, depth, entries);
            float* weights = _weights + (tile * Block), factors = _factors + (tile * Block);
            PackedPanels<TLanes>.Multiply(_queries + (tile * _width), _width, end - tile, _keyColumns, _shape.HeadDim, most, weights, Block);
            PackedPanels<TLanes>.Multiply(_gradients + (tile * _width), _width, end - tile, _valueColumns, _shape.HeadDim, most, factors, Block);
            for (var own = tile; own < end; own++)
            {
                var seen = Seen(rows, own, depth, entries);
                Span<float> weight = new(_weights + (own * Block), entries.Count), factor = new(_factors + (own * Block), entries.Count);
                TensorPrimitives.Subtract(weight[..seen], _of.LogSums[At(rows.First, own) / _shape.HeadDim], weight[..seen]);
                TensorPrimitives.Exp(weight[..seen], weight[..seen]);
                TensorPrimitives.Subtract(factor[..seen], _deltas[own], factor[..seen]);
                TensorPrimitives.Multiply(factor[..seen], weight[..seen], factor[..seen]);
                weight[seen..].Clear();
                factor[seen..].Clear();
            }
            PackedPanels<TLanes>.Mix(factors, Block, end - tile, _keys, _width, most, _queryGradients + (tile * _width), accumulate: false);
            for (var own = tile; own < end; own++) Add(_queryGradients + (own * _width), _of.Dq + At(rows.First, own), _shape.Scale);
        }
    }

    /// <summary>What the entries get of the rows.</summary>
    private void AddToEntries(PackedSpan rows, int depth, PackedSpan entries)
    {
        var count = rows.Count * _shape.HeadsPerKvHead;
        PackedPanels<TLanes>.Turn(_weights, Block, count, entries.Count, _turnedWeights, _turned);
        PackedPanels<TLanes>.Turn(_factors, Block, count, entries.Count, _turnedFactors, _turned);
        var first = 0; // the first query that sees one of the tile's entries
        for (var tile = 0; tile < entries.Count; tile += TileProduct<TLanes>.Rows)
        {
            while (first < count && Seen(rows, first, depth, entries) <= tile) first++;
            var some = Math.Min(TileProduct<TLanes>.Rows, entries.Count - tile);
            var (from, lines) = ((tile * _turned) + first, first * _width);
            PackedPanels<TLanes>.Mix(
                _turnedWeights + from, _turned, some, _gradients + lines, _width, count - first, _valueGradients + (tile * _width), accumulate: true);
            PackedPanels<TLanes>.Mix(
                _turnedFactors + from, _turned, some, _queries + lines, _width, count - first, _keyGradients + (tile * _width), accumulate: true);
        }
    }

    private static int Queries(PackedAttentionShape shape) =>
        PackedPanels<TLanes>.Padded(PackedAttentionSimd.RowsOfBlock(shape) * shape.HeadsPerKvHead);

    private static int Turned(PackedAttentionShape shape) => (Queries(shape) + 3) / 4 * 4;

    private int Seen(PackedSpan rows, int query, int depth, PackedSpan entries) =>
        _of.Seen.Within(rows.First + (query / _shape.HeadsPerKvHead), depth, entries.First, entries.Count);

    /// <summary>Where a query lies: query i is of row i / group from <paramref name="row"/> on.</summary>
    private long At(int row, int query)
    {
        var (own, member) = Math.DivRem(query, _shape.HeadsPerKvHead);
        return ((((long)row + own) * _shape.Heads) + (_kvHead * _shape.HeadsPerKvHead) + member) * _shape.HeadDim;
    }

    private void Add(float* source, float* target, float scale)
    {
        var sums = new Span<float>(target, _shape.HeadDim);
        TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(source, _shape.HeadDim), scale, sums, sums);
    }
}
