namespace TaH.Engine;

/// <summary>One sequence's part of the position x depth grid. Dispose of it to give its pages back.</summary>
public sealed class GridSequence : IDisposable
{
    private readonly KvGrid _grid;
    private readonly EntryList[] _lists;
    private bool _closed;

    internal GridSequence(KvGrid grid, int number, PageAllocator allocator, int depths)
    {
        _grid = grid;
        Number = number;
        _lists = [.. Enumerable.Range(0, depths).Select(_ => new EntryList(allocator))];
    }

    /// <summary>Which page tables are this sequence's.</summary>
    public int Number { get; }

    /// <summary>Depths of the grid.</summary>
    public int Depths => _lists.Length;

    /// <summary>Positions that it may have.</summary>
    public int Limit => _grid.ContextLimit;

    /// <summary>Positions that have run at depth 0.</summary>
    public int Length => _lists[0].Positions.Count;

    /// <summary>The positions that have an entry at a depth, ascending.</summary>
    public IReadOnlyList<int> PositionsAt(int depth) => _lists[depth].Positions;

    /// <summary>The pages of a depth's list, in entry order.</summary>
    public IReadOnlyList<int> PagesAt(int depth) => _lists[depth].Pages;

    /// <summary>Drops every entry of the positions from <paramref name="position"/> on, at all depths.</summary>
    /// <exception cref="ObjectDisposedException">The sequence was given back.</exception>
    public void TruncateFrom(int position)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        foreach (var list in _lists) list.TruncateFrom(position);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_closed) return;
        TruncateFrom(0);
        _closed = true;
        _grid.Release(this);
    }

    /// <summary>Adds the entry of a row that is about to run.</summary>
    internal void Append(int depth, int position)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        _lists[depth].Append(position);
    }

    /// <summary>Whether it is a part of that grid.</summary>
    internal bool IsOf(KvGrid grid) => _grid == grid;

    /// <summary>Where an entry of a depth's list lies in the pool: page * pageSize + offset.</summary>
    internal int CellAt(int depth, int entry) => _lists[depth].CellOf(entry);

    /// <summary>How many entries of a depth's list a row at <paramref name="position"/> attends to, its own included.</summary>
    internal int VisibleAt(int depth, int position) => _lists[depth].CountUpTo(position);

    /// <summary>Stages its new pages for the tables.</summary>
    internal void Flush(KvPageTables tables)
    {
        for (var depth = 0; depth < _lists.Length; depth++) _lists[depth].Flush(tables, Number, depth);
    }
}
