namespace TaH.Kernels;

/// <summary>
/// What a row sees but its own entry, which is new: entries of earlier passes, of every depth's list in turn, and the cell of each.
/// </summary>
internal readonly struct SplitDecodeEntries
{
    private readonly DuoCausalGrid _grid;
    // Places in tables of int.MaxValue elements at the most: as long numbers they took registers that the kernels do not have.
    private readonly int _visible;
    private readonly int _table;
    private readonly int _depth;
    private readonly int _shallow;
    private readonly int _maxPages;
    private readonly int _depths;
    private readonly int _pageShift;

    public SplitDecodeEntries(SplitDecodeRows rows, int row, int maxPages, int depths, int pageShift)
    {
        _grid = rows.Grid;
        (_maxPages, _depths, _pageShift) = (maxPages, depths, pageShift);
        _visible = row * _depths;
        _table = _grid.Sequences[row] * _depths * _maxPages;
        _depth = rows.Depths[row];
        var entries = _grid.Visible[_visible];
        _shallow = _depth == 0 ? entries - 1 : entries;
        for (var depth = 1; depth < _depths; depth++) entries += _grid.Visible[_visible + depth];
        Count = entries - 1;
    }

    /// <summary>How many there are.</summary>
    public int Count { get; }

    /// <summary>The cell of an entry, of which there must be one.</summary>
    public int CellOf(int entry) => CellAt(PlaceOf(entry));

    /// <summary>Where an entry stands in the tables of its sequence, as if all pages of all depths' lists stood behind each other.</summary>
    public int PlaceOf(int entry)
    {
        if (entry < _shallow) return entry;
        entry -= _shallow;
        var list = _maxPages << _pageShift;
        for (var depth = 1; depth < _depths - 1; depth++)
        {
            var seen = _grid.Visible[_visible + depth] - (depth == _depth ? 1 : 0);
            if (entry < seen) break;
            entry -= seen;
            list += _maxPages << _pageShift;
        }
        return list + entry;
    }

    /// <summary>The cell of a place.</summary>
    public int CellAt(int place) =>
        (_grid.Tables[_table + (place >> _pageShift)] << _pageShift) + (place & ((1 << _pageShift) - 1));
}
