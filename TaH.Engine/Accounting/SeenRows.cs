namespace TaH.Engine;

/// <summary>A row of packed sequences, as far as its cost goes.</summary>
/// <param name="Token">Its place in the batch.</param>
/// <param name="Depth">From 0.</param>
/// <param name="Attended">Entries of the grid that it attends to.</param>
internal readonly record struct SeenRow(int Token, int Depth, long Attended);

/// <summary>Walks the rows of packed sequences and counts what each attends to.</summary>
internal static class SeenRows
{
    /// <summary>Every row of every token.</summary>
    /// <param name="positions">[tokens]; 0 begins a sequence.</param>
    /// <param name="iterations">[tokens]: passes of each.</param>
    /// <param name="depths">Passes that are computed at the most.</param>
    /// <param name="scope">Which depths a row sees.</param>
    public static IEnumerable<SeenRow> Of(int[] positions, int[] iterations, int depths, AttentionScope scope)
    {
        var entries = new long[Math.Max(depths, 1)];
        for (var token = 0; token < positions.Length; token++)
        {
            if (positions[token] == 0) Array.Clear(entries);
            for (var depth = 0; depth < Math.Min(iterations[token], depths); depth++)
            {
                entries[depth]++;
                yield return new SeenRow(token, depth, Attended(entries.AsSpan(0, depth + 1), scope));
            }
        }
    }

    private static long Attended(ReadOnlySpan<long> entries, AttentionScope scope)
    {
        if (scope == AttentionScope.OwnDepth) return entries[^1];
        if (scope == AttentionScope.FirstDepth) return entries[0];
        var sum = 0L;
        foreach (var depth in entries) sum += depth;
        return sum;
    }
}
