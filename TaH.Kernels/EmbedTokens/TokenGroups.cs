namespace TaH.Kernels;

/// <summary>Where each token of a batch stands: so that gradients of one embedding are added up by one thread, in order.</summary>
/// <param name="Tokens">[distinct tokens], rising.</param>
/// <param name="Starts">[distinct tokens + 1]: where the rows of each begin.</param>
/// <param name="Rows">[rows]: token by token, rising.</param>
public sealed record TokenGroups(int[] Tokens, int[] Starts, int[] Rows)
{
    /// <summary>Of the tokens of a batch.</summary>
    public static TokenGroups Of(ReadOnlySpan<int> tokens)
    {
        var rows = new int[tokens.Length];
        for (var i = 0; i < rows.Length; i++) rows[i] = i;
        var keys = tokens.ToArray();
        // The sort does not keep equal keys in order; rows of one token are sorted below.
        Array.Sort(keys, rows);
        var (distinct, starts) = (new List<int>(), new List<int>());
        for (var i = 0; i < keys.Length; i++)
        {
            if (i > 0 && keys[i] == keys[i - 1]) continue;
            distinct.Add(keys[i]);
            starts.Add(i);
        }
        starts.Add(keys.Length);
        for (var group = 0; group + 1 < starts.Count; group++) Array.Sort(rows, starts[group], starts[group + 1] - starts[group]);
        return new TokenGroups([.. distinct], [.. starts], rows);
    }
}
