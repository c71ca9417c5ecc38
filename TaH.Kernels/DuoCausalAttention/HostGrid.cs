namespace TaH.Kernels;

/// <summary><see cref="DuoCausalGrid"/> in host memory.</summary>
internal readonly unsafe struct HostGrid(DuoCausalGrid grid)
{
    private readonly int* _sequences = Pointers.Of(grid.Sequences);
    private readonly int* _visible = Pointers.Of(grid.Visible);
    private readonly int* _tables = Pointers.Of(grid.Tables);

    /// <summary>The row's sequence.</summary>
    public int Sequence(int row) => _sequences[row];

    /// <summary>Entries that a row sees of one depth's list.</summary>
    public int Visible(int row, int depth, DuoCausalAttentionShape shape) => _visible[((long)row * shape.Depths) + depth];

    /// <summary>The cell of an entry of one depth's list.</summary>
    public int CellOf(int sequence, int depth, int entry, DuoCausalAttentionShape shape)
    {
        var (page, offset) = Math.DivRem(entry, shape.PageSize);
        return (_tables[((((long)sequence * shape.Depths) + depth) * shape.MaxPages) + page] * shape.PageSize) + offset;
    }

    /// <summary>Entries that a row sees at all depths together.</summary>
    public int VisibleEntries(int row, DuoCausalAttentionShape shape)
    {
        var entries = 0;
        for (var depth = 0; depth < shape.Depths; depth++) entries += _visible[((long)row * shape.Depths) + depth];
        return entries;
    }

    /// <summary>The cells of some entries of the union: a row's entries of depth 0, then those of depth 1, and so on.</summary>
    /// <param name="row">The row.</param>
    /// <param name="entry">The first entry.</param>
    /// <param name="cells">Filled.</param>
    /// <param name="shape">The sizes.</param>
    public void CellsOf(int row, int entry, Span<int> cells, DuoCausalAttentionShape shape)
    {
        var depth = 0;
        var visible = _visible + ((long)row * shape.Depths);
        for (var i = 0; i < cells.Length;)
        {
            while (entry >= visible[depth]) entry -= visible[depth++];
            var table = _tables + ((((long)_sequences[row] * shape.Depths) + depth) * shape.MaxPages);
            var (page, offset) = Math.DivRem(entry, shape.PageSize);
            var run = Math.Min(Math.Min(shape.PageSize - offset, visible[depth] - entry), cells.Length - i);
            for (var e = 0; e < run; e++) cells[i++] = (table[page] * shape.PageSize) + offset + e;
            entry += run;
        }
    }
}
