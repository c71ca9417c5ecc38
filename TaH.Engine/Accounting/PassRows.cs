namespace TaH.Engine;

/// <summary>The rows of one pass, as far as its cost goes.</summary>
/// <param name="Shallow">Rows of depth 0.</param>
/// <param name="Deep">Rows of depth 1 and more.</param>
/// <param name="Heads">Rows whose logits are computed.</param>
/// <param name="Decided">Rows that the decider looks at.</param>
/// <param name="Attended">Entries of the grid that the rows attend to, summed over the rows.</param>
/// <param name="Entries">Entries of the grid that any row attends to, each counted once.</param>
internal readonly record struct PassRows(int Shallow, int Deep, int Heads, int Decided, long Attended, long Entries)
{
    /// <summary>Rows of any depth.</summary>
    public int Count => Shallow + Deep;

    /// <summary>Counts the rows of a pass.</summary>
    /// <param name="rows">The rows, shallow ones first.</param>
    /// <param name="visible">[rows, depths]; see <see cref="RowTable.Visible"/>.</param>
    /// <param name="depths">Depths of the grid.</param>
    /// <param name="decided">Rows that the decider looks at.</param>
    public static PassRows Of(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible, int depths, int decided)
    {
        var (deep, heads) = (0, 0);
        var sequences = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            sequences[i] = rows[i].Sequence;
            if (rows[i].Depth > 0) deep++;
            if (rows[i].WantsLogits) heads++;
        }
        var seen = SeenEntries.Count(sequences, visible[..(rows.Length * depths)]);
        return new PassRows(rows.Length - deep, deep, heads, decided, seen.ByAllRows, seen.Distinct);
    }
}
