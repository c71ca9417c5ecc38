namespace TaH.Engine;

/// <summary>Rows of a pass in pieces.</summary>
internal static class RowChunks
{
    /// <summary>The pieces, each with the number of rows in front of it.</summary>
    public static IEnumerable<(int Start, int[] Rows)> Of(int[] rows, int size)
    {
        for (var start = 0; start < rows.Length; start += size) yield return (start, rows[start..Math.Min(rows.Length, start + size)]);
    }
}
