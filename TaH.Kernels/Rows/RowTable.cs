using System.Numerics;

namespace TaH.Kernels;

/// <summary>
/// The rows of one forward pass, as device memory. A row is a cell of the position x depth grid of some sequence; rows of many sequences and depths
/// run together, shallow ones first, so that the rows which LoRA applies to are a suffix.
/// </summary>
public sealed class RowTable : IDisposable
{
    /// <summary>The smallest <see cref="VisibleBucket"/>.</summary>
    public const int LeastVisibleBucket = 256;

    /// <summary>The most rows that are looked at for being <see cref="Independent"/>.</summary>
    public const int MaxIndependent = 256;

    private readonly HostUpload _upload;
    private readonly IntBuffer _buffer;
    private readonly int[] _staging;
    private readonly RowIndependence _independence;
    private int _stride; // from a column to the next: the rows of this pass, so that what goes up is no longer than they are

    /// <summary>Allocates a table for passes of up to <paramref name="capacity"/> rows.</summary>
    /// <param name="device">Where the passes run.</param>
    /// <param name="capacity">Rows of the largest pass.</param>
    /// <param name="depths">Depths of the grid: the model's max_iter.</param>
    public RowTable(ComputeDevice device, int capacity, int depths)
    {
        Capacity = capacity;
        Depths = depths;
        _independence = new RowIndependence(depths);
        _staging = new int[Stride(capacity) * (Columns.Fixed + depths)];
        _buffer = device.AllocateInts(_staging.Length);
        _upload = new HostUpload(device, _staging.Length * sizeof(int));
    }

    /// <summary>Rows of the largest pass.</summary>
    public int Capacity { get; }

    /// <summary>Depths of the grid.</summary>
    public int Depths { get; }

    /// <summary>Rows of this pass.</summary>
    public int Count { get; private set; }

    /// <summary>Runs of neighbouring rows of one sequence.</summary>
    public int Runs { get; private set; }

    /// <summary>The first row of depth 1 or more; rows from here on run with LoRA. Equals <see cref="Count"/> when there is none.</summary>
    public int DeepFrom { get; private set; }

    /// <summary>Rows of depth 1 or more.</summary>
    public int DeepCount => Count - DeepFrom;

    /// <summary>What the launches of this pass depend on.</summary>
    public RowsKind Kind => new(Count, DeepFrom, HeadCount, Independent ? VisibleBucket : 0, TileCount);

    /// <summary>The largest position of this pass; -1 for a pass without rows.</summary>
    public int MaxPosition { get; private set; }

    /// <summary>The largest sequence number of this pass; -1 for a pass without rows.</summary>
    public int MaxSequence { get; private set; }

    /// <summary>The largest cell of this pass; -1 for a pass without rows.</summary>
    public int MaxCell { get; private set; }

    /// <summary>The largest token id of depth 0; -1 if there is none.</summary>
    public int MaxToken { get; private set; }

    /// <summary>The largest slot of the rows that are deep or want logits; -1 if there is none. Other rows use no slot.</summary>
    public int MaxSlot { get; private set; }

    /// <summary>The most entries of one list that a row sees.</summary>
    public int MaxVisible { get; private set; }

    /// <summary>
    /// <see cref="MaxVisible"/> rounded up to a power of two, at least <see cref="LeastVisibleBucket"/>: what launches may be sized by that are
    /// recorded once and replayed while the context grows.
    /// </summary>
    public int VisibleBucket => (int)Math.Min(BitOperations.RoundUpToPowerOf2((uint)Math.Max(LeastVisibleBucket, MaxVisible)), int.MaxValue);

    /// <summary>
    /// Whether each row's own entry is the last that it sees at its depth and no row sees another's: rows of different sequences, or of one sequence
    /// when the deeper ones are of earlier positions. Nothing that such a pass writes is read in it by another row. False for more than
    /// <see cref="MaxIndependent"/> rows.
    /// </summary>
    public bool Independent { get; private set; }

    /// <summary>Tiles that the rows are cut into (see <see cref="RowTiles"/>); none where they are <see cref="Independent"/>.</summary>
    public int TileCount { get; private set; }

    /// <summary>[tiles] the first row of each, the heaviest tile first.</summary>
    public Ints TileFirsts => Column(Columns.TileFirst);

    /// <summary>[tiles] how many rows each has.</summary>
    public Ints TileRows => Column(Columns.TileRows);

    /// <summary>Rows whose logits are wanted.</summary>
    public int HeadCount { get; private set; }

    /// <summary>[rows] token id of a row of depth 0; -1 for a deeper row, whose input is the soft embedding of its slot.</summary>
    public Ints Tokens => Column(Columns.Token);

    /// <summary>[rows] position in the sequence, the same at every depth.</summary>
    public Ints Positions => Column(Columns.Position);

    /// <summary>[rows] depth, from 0.</summary>
    public Ints RowDepths => Column(Columns.Depth);

    /// <summary>[rows] which logits slot holds the row's accumulated logits.</summary>
    public Ints Slots => Column(Columns.Slot);

    /// <summary>[rows] which page tables the row's sequence uses: row of <see cref="KvPageTables"/>.</summary>
    public Ints Sequences => Column(Columns.Sequence);

    /// <summary>[rows] where the row's key and value go: page * pageSize + offset in the page.</summary>
    public Ints Cells => Column(Columns.Cell);

    /// <summary>[heads of this pass] the rows whose logits are wanted, in row order; the first <see cref="HeadCount"/> count.</summary>
    public Ints HeadRows => Column(Columns.HeadRow);

    /// <summary>
    /// [rows, depths] how many entries of each depth's list the row attends to; 0 beyond its own depth. Entries of a list are in position order, so a
    /// prefix.
    /// </summary>
    public Ints Visible => _buffer.View.BaseView.SubView((long)_stride * Columns.Fixed, (long)_stride * Depths);

    /// <summary>Writes a pass into device memory.</summary>
    /// <param name="rows">The rows, sorted so that depth 0 comes first.</param>
    /// <param name="visible">[rows, depths]; see <see cref="Visible"/>.</param>
    /// <exception cref="ArgumentException">
    /// More rows than there is room for, a row out of order, or a number that no row may have: kernels use them as indices, so operations compare the
    /// largest ones with what they index.
    /// </exception>
    /// <exception cref="ShapeException">visible does not fit the rows.</exception>
    public void Upload(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, Capacity);
        if (visible.Length != rows.Length * Depths) throw new ShapeException(nameof(visible), visible.Length, (long)rows.Length * Depths);
        foreach (var count in visible) ArgumentOutOfRangeException.ThrowIfNegative(count, nameof(visible));
        for (var i = 0; i < rows.Length; i++) Check(rows[i], i, previousDepth: i == 0 ? 0 : rows[i - 1].Depth);
        _stride = Stride(rows.Length);
        (Count, DeepFrom, HeadCount, Runs) = (rows.Length, rows.Length, 0, 0);
        (MaxPosition, MaxSequence, MaxCell, MaxToken, MaxSlot, MaxVisible) = (-1, -1, -1, -1, -1, 0);
        foreach (var count in visible) MaxVisible = Math.Max(MaxVisible, count);
        Independent = _independence.Holds(rows, visible);
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if (i == 0 || row.Sequence != rows[i - 1].Sequence) Runs++;
            if (row.Depth > 0 && DeepFrom == rows.Length) DeepFrom = i;
            MaxPosition = Math.Max(MaxPosition, row.Position);
            MaxSequence = Math.Max(MaxSequence, row.Sequence);
            MaxCell = Math.Max(MaxCell, row.Cell);
            if (row.Depth == 0) MaxToken = Math.Max(MaxToken, row.Token);
            if (UsesSlot(row)) MaxSlot = Math.Max(MaxSlot, row.Slot);
            Set(Columns.Token, i, row.Depth == 0 ? row.Token : -1);
            Set(Columns.Position, i, row.Position);
            Set(Columns.Depth, i, row.Depth);
            Set(Columns.Slot, i, row.Slot);
            Set(Columns.Sequence, i, row.Sequence);
            Set(Columns.Cell, i, row.Cell);
            if (row.WantsLogits) Set(Columns.HeadRow, HeadCount++, i);
        }
        TileCount = Independent ? 0 : RowTiles.Cut(
            rows, visible, Depths, _staging.AsSpan(Columns.TileFirst * _stride, _stride), _staging.AsSpan(Columns.TileRows * _stride, _stride));
        visible.CopyTo(_staging.AsSpan(_stride * Columns.Fixed));
        _upload.Copy<int>(_staging.AsSpan(0, _stride * (Columns.Fixed + Depths)), _buffer.View.BaseView);
    }

    /// <summary>Counts the entries of the grid that the rows of this pass attend to; on the host, for accounts of what a pass costs.</summary>
    public SeenEntries CountSeen()
    {
        var staging = _staging.AsSpan();
        return SeenEntries.Count(staging.Slice(Columns.Sequence * _stride, Count), staging.Slice(Columns.Fixed * _stride, Count * Depths));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _upload.Dispose();
        _buffer.Dispose();
    }

    private void Check(Row row, int index, int previousDepth)
    {
        var fault = row switch
        {
            { Depth: 0 } when previousDepth > 0 => "stands behind a deeper one",
            { Depth: < 0 } => $"has the negative depth {row.Depth}",
            _ when row.Depth >= Depths => $"has depth {row.Depth} in a grid of {Depths}",
            { Position: < 0 } => $"has the negative position {row.Position}",
            { Sequence: < 0 } => $"has the negative sequence {row.Sequence}",
            { Cell: < 0 } => $"has the negative cell {row.Cell}",
            { Depth: 0, Token: < 0 } => $"has the negative token {row.Token}",
            { Slot: < 0 } when UsesSlot(row) => $"has the negative slot {row.Slot}",
            _ => null,
        };
        if (fault is not null) throw new ArgumentException($"row {index} of depth {row.Depth} {fault}", "rows");
    }

    private static bool UsesSlot(Row row) => row.WantsLogits || row.Depth > 0;

    /// <summary>Columns start at multiples of 16 bytes.</summary>
    private static int Stride(int rows) => (rows + 3) & ~3;

    private void Set(int column, int row, int value) => _staging[(column * _stride) + row] = value;

    private Ints Column(int column) => _buffer.View.BaseView.SubView((long)column * _stride, _stride);

    private static class Columns
    {
        public const int Token = 0;
        public const int Position = 1;
        public const int Depth = 2;
        public const int Slot = 3;
        public const int Sequence = 4;
        public const int Cell = 5;
        public const int HeadRow = 6;
        public const int TileFirst = 7;
        public const int TileRows = 8;
        public const int Fixed = 9;
    }
}
