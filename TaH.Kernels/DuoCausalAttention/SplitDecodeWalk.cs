using ILGPU;

namespace TaH.Kernels;

/// <summary>A thread's way over the entries of its split: all that the row sees but its own, which is new, of every depth's list in turn.</summary>
internal readonly struct SplitDecodeWalk<TOctet, TFormat, TLanes>
    where TOctet : unmanaged where TFormat : struct, IOctetFormat<TOctet> where TLanes : struct, IEntryLanes
{
    private readonly SplitDecodeEntries _entries;
    private readonly ulong _keys;
    private readonly ulong _values;
    private readonly int _lane;
    private readonly int _slot;
    private readonly int _entryBytes;

    public SplitDecodeWalk(SplitDecodeRows rows, SplitDecodeMemory memory, int row, int kvHead, int split, int thread, SplitDecodeTask task)
    {
        int warp = thread / SplitDecodeKernel.WarpSize, lane = thread % SplitDecodeKernel.WarpSize;
        _entries = new SplitDecodeEntries(rows, row, task.MaxPages, task.Depths, task.PageShift);
        IsWhole = task.Splits == 1 || _entries.Count <= task.Undivided;
        var share = IsWhole ? _entries.Count : (_entries.Count + task.Splits - 1) / task.Splits;
        End = IntrinsicMath.Min((split + 1) * share, _entries.Count);
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

    /// <summary>Whether the first part has all of the row's entries.</summary>
    public bool IsWhole { get; }

    /// <summary>The first entry of the warp.</summary>
    public int WarpFirst { get; }

    /// <summary>The end of the split's entries.</summary>
    public int End { get; }

    /// <summary>Whether the warp's batch that starts at an entry has any.</summary>
    public bool Has(int warpFirst) => warpFirst < End;

    /// <summary>
    /// The cell of one entry of the warp's batch, a different one for each thread; <see cref="Keys"/> shares them out. Past the end that of the last.
    /// </summary>
    public int Cell(int warpFirst) => _entries.CellOf(IntrinsicMath.Min(warpFirst + _lane, End - 1));

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
}
