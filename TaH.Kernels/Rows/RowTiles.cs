namespace TaH.Kernels;

/// <summary>
/// Cuts the rows of a pass into tiles whose rows share what they see: neighbours of one sequence and depth, of which each sees at least what the row
/// before sees of every list. So the first row of a tile knows what all see, and the last one what any sees.
/// </summary>
public static class RowTiles
{
    /// <summary>Rows of a tile.</summary>
    public const int MaxRows = 64;

    /// <summary>Cuts, and sorts the tiles by what their last rows see: the heaviest first, so that light ones fill the gaps at the end.</summary>
    /// <param name="rows">The pass.</param>
    /// <param name="visible">[rows, depths].</param>
    /// <param name="depths">Depths of the grid.</param>
    /// <param name="firsts">[rows] room for the first row of each tile.</param>
    /// <param name="counts">[rows] room for its number of rows.</param>
    /// <returns>How many tiles there are.</returns>
    public static int Cut(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible, int depths, Span<int> firsts, Span<int> counts)
    {
        var tiles = 0;
        for (var row = 0; row < rows.Length; row++)
        {
            if (tiles > 0 && counts[tiles - 1] < MaxRows && Continues(rows, visible, depths, row)) counts[tiles - 1]++;
            else (firsts[tiles], counts[tiles++]) = (row, 1);
        }
        Span<long> weights = tiles <= 1024 ? stackalloc long[tiles] : new long[tiles];
        for (var tile = 0; tile < tiles; tile++)
        {
            var last = (firsts[tile] + counts[tile] - 1) * depths;
            for (var depth = 0; depth < depths; depth++) weights[tile] -= visible[last + depth];
            // The tile's number breaks ties, so that the order is always the same.
            weights[tile] = (weights[tile] << 24) | (uint)tile;
        }
        Span<(int First, int Count)> cut = tiles <= 1024 ? stackalloc (int, int)[tiles] : new (int, int)[tiles];
        for (var tile = 0; tile < tiles; tile++) cut[tile] = (firsts[tile], counts[tile]);
        weights.Sort(cut);
        for (var tile = 0; tile < tiles; tile++) (firsts[tile], counts[tile]) = cut[tile];
        return tiles;
    }

    private static bool Continues(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible, int depths, int row)
    {
        if (rows[row].Sequence != rows[row - 1].Sequence || rows[row].Depth != rows[row - 1].Depth) return false;
        for (var depth = 0; depth < depths; depth++)
            if (visible[(row * depths) + depth] < visible[((row - 1) * depths) + depth]) return false;
        return true;
    }
}
