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
        First = WarpFirst + (lane / default(TLanes).Count);
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

    /// <summary>The first entry of this thread's team.</summary>
    public int First { get; }

    /// <summary>The end of the split's entries.</summary>
    public int End { get; }

    /// <summary>Where the four entries of a batch lie.</summary>
    public EntryBatch<int> Cells(int entry) => new(CellOf(entry), CellOf(entry + Slots), CellOf(entry + (2 * Slots)), CellOf(entry + (3 * Slots)));

    /// <summary>Sends for four keys; those past the end are zeros.</summary>
    public EntryBatch<TOctet> Keys(EntryBatch<int> cells, int entry) => Load(_keys, cells, entry);

    /// <summary>Sends for four values; those past the end are zeros.</summary>
    public EntryBatch<TOctet> Values(EntryBatch<int> cells, int entry) => Load(_values, cells, entry);

    /// <summary>Of the batch at an entry, how many there are.</summary>
    public int Known(int entry) => (End - entry + Slots - 1) / Slots;

    private EntryBatch<TOctet> Load(ulong start, EntryBatch<int> cells, int entry) => new(
        Load(start, cells.A, entry), Load(start, cells.B, entry + Slots), Load(start, cells.C, entry + (2 * Slots)),
        Load(start, cells.D, entry + (3 * Slots)));

    private TOctet Load(ulong start, int cell, int entry) => default(TFormat).Load(start + ((ulong)(uint)cell * (ulong)(uint)_entryBytes), entry, End);

    /// <summary>The cell of an entry; past the end, some cell that is not read.</summary>
    private int CellOf(int entry)
    {
        entry = IntrinsicMath.Max(IntrinsicMath.Min(entry, End - 1), 0);
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
