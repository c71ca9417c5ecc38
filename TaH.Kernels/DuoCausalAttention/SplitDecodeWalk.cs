using ILGPU;

namespace TaH.Kernels;

/// <summary>A thread's way over the entries of its split: all that the row sees but its own, which is new, of every depth's list in turn.</summary>
internal readonly struct SplitDecodeWalk<TOctet, TFormat, TLanes>
    where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TLanes : struct, IEntryLanes
{
    private readonly DuoCausalGrid _grid;
    private readonly ulong _keys;
    private readonly ulong _values;
    private readonly long _visible;
    private readonly long _table;
    private readonly int _lane;
    private readonly int _slot;
    private readonly int _depth;
    private readonly int _shallow;
    private readonly int _entryBytes;
    private readonly int _maxPages;
    private readonly int _depths;
    private readonly int _pageShift;

    public SplitDecodeWalk(SplitDecodeRows rows, SplitDecodeMemory memory, int row, int kvHead, int split, int thread, SplitDecodeTask task)
    {
        int warp = thread / SplitDecodeKernel.WarpSize, lane = thread % SplitDecodeKernel.WarpSize;
        _grid = rows.Grid;
        (_maxPages, _depths, _pageShift) = (task.MaxPages, task.Depths, task.PageShift);
        _visible = (long)row * _depths;
        _table = (long)_grid.Sequences[row] * _depths * _maxPages;
        _depth = rows.Depths[row];
        var entries = _grid.Visible[_visible];
        _shallow = _depth == 0 ? entries - 1 : entries;
        for (var depth = 1; depth < _depths; depth++) entries += _grid.Visible[_visible + depth];
        entries -= 1; // without its own
        var share = (entries + task.Splits - 1) / task.Splits;
        End = IntrinsicMath.Min((split + 1) * share, entries);
        WarpFirst = (split * share) + (warp * WarpEntries);
        (_lane, _slot) = (lane, lane / default(TLanes).Count);
        var head = ((kvHead * task.HeadDim) + (lane % default(TLanes).Count * Octet)) * default(TFormat).ElementBytes;
        (_keys, _values) = (memory.Keys + (ulong)head, memory.Values + (ulong)head);
        _entryBytes = task.KvHeads * task.HeadDim * default(TFormat).ElementBytes;
    }

    /// <summary>Elements that a thread holds of a head.</summary>
    public static int Octet => 8;

    /// <summary>Entries that a warp reads at once with one load a thread.</summary>
    public static int Slots => SplitDecodeKernel.WarpSize / default(TLanes).Count;

    /// <summary>Entries of a warp's batch.</summary>
    public static int WarpEntries => 4 * Slots;

    /// <summary>From one of a warp's batches to its next.</summary>
    public static int Stride => WarpEntries * SplitDecodeKernel.Warps;

    /// <summary>The first entry of the warp.</summary>
    public int WarpFirst { get; }

    /// <summary>The end of the split's entries.</summary>
    public int End { get; }

    /// <summary>Whether the warp's batch that starts at an entry has any.</summary>
    public bool Has(int warpFirst) => warpFirst < End;

    /// <summary>The cell of one entry of the warp's batch, a different one for each thread; <see cref="Keys"/> shares them out.</summary>
    public int Cell(int warpFirst) => CellOf(warpFirst + _lane);

    /// <summary>Sends for four keys of a batch; past the end they repeat the last.</summary>
    public EntryBatch<TOctet> Keys(int cell) => Load(_keys, cell);

    /// <summary>Sends for four values of a batch; past the end they repeat the last.</summary>
    public EntryBatch<TOctet> Values(int cell) => Load(_values, cell);

    /// <summary>Of this thread's four entries of a batch, how many there are.</summary>
    public int Known(int warpFirst) => (End - warpFirst - _slot + Slots - 1) / Slots;

    private EntryBatch<TOctet> Load(ulong start, int cell) => new(
        LoadAt(start, Warp.Shuffle(cell, _slot)), LoadAt(start, Warp.Shuffle(cell, _slot + Slots)),
        LoadAt(start, Warp.Shuffle(cell, _slot + (2 * Slots))), LoadAt(start, Warp.Shuffle(cell, _slot + (3 * Slots))));

    private TOctet LoadAt(ulong start, int cell) => default(TFormat).Load(start + ((ulong)(uint)cell * (ulong)(uint)_entryBytes), 0, 1);

    /// <summary>The cell of an entry; past the end that of the last.</summary>
    private int CellOf(int entry)
    {
        entry = IntrinsicMath.Min(entry, End - 1);
        var table = _table;
        if (entry >= _shallow)
        {
            entry -= _shallow;
            table += _maxPages;
            for (var depth = 1; depth < _depths - 1; depth++)
            {
                var seen = _grid.Visible[_visible + depth] - (depth == _depth ? 1 : 0);
                if (entry < seen) break;
                entry -= seen;
                table += _maxPages;
            }
        }
        var page = _grid.Tables[table + (entry >> _pageShift)];
        return (page << _pageShift) + (entry & ((1 << _pageShift) - 1));
    }
}
