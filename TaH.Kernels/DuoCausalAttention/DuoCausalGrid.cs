namespace TaH.Kernels;

/// <summary>What the rows of a pass see and where it lies, for kernels.</summary>
/// <param name="Sequences">[rows] which page tables a row uses.</param>
/// <param name="Visible">[rows, depths] how many entries of each list it sees.</param>
/// <param name="Tables">[sequences, depths, maxPages] page numbers.</param>
internal readonly record struct DuoCausalGrid(Ints Sequences, Ints Visible, Ints Tables)
{
    /// <summary>Entries that a row sees at all depths together.</summary>
    public int VisibleEntries(int row, DuoCausalAttentionShape shape)
    {
        var entries = 0;
        for (var depth = 0; depth < shape.Depths; depth++) entries += Visible[((long)row * shape.Depths) + depth];
        return entries;
    }

    /// <summary>The cell of an entry of the union: a row's entries of depth 0, then those of depth 1, and so on.</summary>
    public int CellOf(int row, int entry, DuoCausalAttentionShape shape)
    {
        var depth = 0;
        for (; depth < shape.Depths - 1; depth++)
        {
            var visible = Visible[((long)row * shape.Depths) + depth];
            if (entry < visible) break;
            entry -= visible;
        }
        var table = (((long)Sequences[row] * shape.Depths) + depth) * shape.MaxPages;
        return (Tables[table + (entry / shape.PageSize)] * shape.PageSize) + (entry % shape.PageSize);
    }
}
