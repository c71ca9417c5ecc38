namespace TaH.Kernels;

/// <summary>Entries of the grid that the rows of a pass attend to.</summary>
/// <param name="ByAllRows">Summed over the rows.</param>
/// <param name="Distinct">Each counted once, whatever number of rows sees it.</param>
public readonly record struct SeenEntries(long ByAllRows, long Distinct)
{
    /// <summary>Counts them.</summary>
    /// <param name="sequences">[rows] the sequence of each.</param>
    /// <param name="visible">[rows, depths]; see <see cref="RowTable.Visible"/>.</param>
    public static SeenEntries Count(ReadOnlySpan<int> sequences, ReadOnlySpan<int> visible)
    {
        if (sequences.IsEmpty) return default;
        var (depths, byAll) = (visible.Length / sequences.Length, 0L);
        // Entries of a list are in position order: what any row of a sequence sees of it is the longest prefix that one of them sees.
        var longest = new Dictionary<(int Sequence, int Depth), int>();
        for (var i = 0; i < visible.Length; i++)
        {
            var list = (sequences[i / depths], i % depths);
            byAll += visible[i];
            longest[list] = Math.Max(longest.GetValueOrDefault(list), visible[i]);
        }
        return new SeenEntries(byAll, longest.Values.Sum(count => (long)count));
    }
}
