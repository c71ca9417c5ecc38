using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A warp's way over the tiles of its group. The row's own entry comes first of all, before those of earlier passes: it is made on the spot, and no
/// copy goes where it stands.
/// </summary>
internal readonly struct TileDecodeWalk
{
    // What a cell says of an entry that has none.
    private const int Nothing = -1;
    private const int Own = -2;

    private readonly SplitDecodeEntries _entries;
    private readonly ulong _keys;
    private readonly ulong _values;
    private readonly uint _ring;
    private readonly uint _place;
    private readonly int _lane;
    private readonly int _entryBytes;

    public TileDecodeWalk(
        SplitDecodeRows rows, ulong keys, ulong values, int row, int kvHead, uint ring, int lane, TileDecodeTask task)
    {
        _entries = new SplitDecodeEntries(rows, row, task.MaxPages, task.Depths, task.PageShift);
        Entries = _entries.Count + 1;
        Tiles = (Entries + TileDecodeKernel.TileEntries - 1) / TileDecodeKernel.TileEntries;
        (_lane, _ring) = (lane, ring);
        // A thread copies 16 bytes, of the upper or of the lower of two entries.
        int chunk = lane % 16, lower = lane / 16;
        _place = (uint)((lower * TileDecodeRoom.RowBytes) + ((chunk ^ lower) * Word16.Bytes));
        var head = (ulong)((kvHead * TileDecodeRoom.RowBytes) + (chunk * Word16.Bytes));
        (_keys, _values) = (keys + head, values + head);
        _entryBytes = task.KvHeads * TileDecodeRoom.RowBytes;
    }

    /// <summary>Entries that the row sees, its own included.</summary>
    public int Entries { get; }

    /// <summary>Tiles of all of them.</summary>
    public int Tiles { get; }

    /// <summary>
    /// Where one entry of a tile stands in the tables, a different one for each thread of half a warp; below zero if nothing is to be copied.
    /// </summary>
    public int Place(int tile)
    {
        var entry = (tile * TileDecodeKernel.TileEntries) + (_lane % TileDecodeKernel.TileEntries);
        if (tile >= Tiles || entry >= Entries) return Nothing;
        return entry == 0 ? Own : _entries.PlaceOf(entry - 1);
    }

    /// <summary>The cell of a place; what is below zero stays as it is. No branch, so that several are looked up at a time.</summary>
    public int Cell(int place)
    {
        var none = place >> 31;
        return (_entries.CellAt(place & ~none) & ~none) | (place & none);
    }

    /// <summary>Sends for a tile's keys and values, a batch of copies. Past the last entry come zeros, which weights of zero leave zeros.</summary>
    /// <param name="tile">The tile; no copies if there is none.</param>
    /// <param name="cell">What <see cref="Cell"/> says of the thread's entry.</param>
    /// <param name="stage">Which place of the ring.</param>
    public void Send(int tile, int cell, int stage)
    {
        if (tile < Tiles)
        {
            var to = _ring + (uint)(stage * TileDecodeRoom.TileBytes);
            SendPair(to, cell, 0);
            SendPair(to, cell, 1);
            SendPair(to, cell, 2);
            SendPair(to, cell, 3);
            SendPair(to, cell, 4);
            SendPair(to, cell, 5);
            SendPair(to, cell, 6);
            SendPair(to, cell, 7);
        }
        PtxInstructions.CloseCopies();
    }

    private void SendPair(uint to, int cell, int pair) => PtxInstructions.StartEntryCopies(
        to + (_place ^ (uint)(pair % 4 * 32)) + (uint)(pair * 2 * TileDecodeRoom.RowBytes), _keys, _values,
        Warp.Shuffle(cell, (2 * pair) + (_lane / 16)), _entryBytes);
}
