namespace TaH.Engine;

/// <summary>
/// The entries of one sequence at one depth, in position order: which positions ran there, and the pages that hold their keys and values.
/// </summary>
/// <remarks>Depth 0 has an entry for every position; a deeper list only for the tokens that went on.</remarks>
internal sealed class EntryList(PageAllocator allocator)
{
    private readonly List<int> _positions = [];
    private readonly List<int> _pages = [];
    private int _flushedPages;

    /// <summary>Positions that have an entry, ascending.</summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>Pages in use, in entry order.</summary>
    public IReadOnlyList<int> Pages => _pages;

    /// <summary>Adds an entry.</summary>
    /// <param name="position">Beyond every position of the list.</param>
    public void Append(int position)
    {
        if (_positions.Count > 0 && _positions[^1] >= position)
            throw new InvalidOperationException($"position {position} comes after {_positions[^1]}");
        if (_positions.Count % allocator.Pool.Shape.PageSize == 0) _pages.Add(allocator.Take());
        _positions.Add(position);
    }

    /// <summary>Where an entry lies in the pool: page * pageSize + offset.</summary>
    public int CellOf(int entry)
    {
        var (page, offset) = Math.DivRem(entry, allocator.Pool.Shape.PageSize);
        return (_pages[page] * allocator.Pool.Shape.PageSize) + offset;
    }

    /// <summary>How many entries have a position of at most <paramref name="position"/>: a prefix of the list.</summary>
    public int CountUpTo(int position)
    {
        if (_positions.Count == 0 || _positions[^1] <= position) return _positions.Count;
        // Where every position has an entry, as at depth 0, there is nothing to search for.
        if ((uint)position < (uint)_positions.Count && _positions[position] == position) return position + 1;
        var found = _positions.BinarySearch(position);
        return found >= 0 ? found + 1 : ~found;
    }

    /// <summary>Drops the entries from <paramref name="position"/> on and gives their pages back.</summary>
    public void TruncateFrom(int position)
    {
        var kept = CountUpTo(position - 1);
        _positions.RemoveRange(kept, _positions.Count - kept);
        var pageSize = allocator.Pool.Shape.PageSize;
        var pages = (kept + pageSize - 1) / pageSize;
        for (var i = pages; i < _pages.Count; i++) allocator.Return(_pages[i]);
        _pages.RemoveRange(pages, _pages.Count - pages);
        _flushedPages = Math.Min(_flushedPages, pages);
    }

    /// <summary>Stages the pages that the device does not know yet for a table.</summary>
    public void Flush(KvPageTables tables, int sequence, int depth)
    {
        if (_flushedPages == _pages.Count) return;
        tables.Stage(sequence, depth, _flushedPages, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_pages)[_flushedPages..]);
        _flushedPages = _pages.Count;
    }
}
