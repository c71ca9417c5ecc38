namespace TaH.Cli;

/// <summary>Guesses what a mistyped name was meant to be.</summary>
internal static class NearestName
{
    /// <summary>A question to append to an error; empty where nothing is near.</summary>
    /// <param name="given">What was typed.</param>
    /// <param name="known">Every name there is.</param>
    public static string Question(string given, IEnumerable<string> known) =>
        Find(given, known) is { } name ? $"; did you mean {name}?" : string.Empty;

    /// <summary>The known name that is nearest to the given one, or null where none is near.</summary>
    public static string? Find(string given, IEnumerable<string> known)
    {
        var names = known.ToList();
        // Somebody who shortens a name means it; otherwise every third letter may be wrong.
        var longer = names.Where(name => name.StartsWith(given, StringComparison.OrdinalIgnoreCase)).ToList();
        if (longer.Count == 1 && given.Trim('-', '/').Length > 1) return longer[0];
        var nearest = names.MinBy(name => Edits(given, name));
        return nearest is not null && Edits(given, nearest) <= Math.Max(1, given.Length / 3) ? nearest : null;
    }

    /// <summary>Letters to insert, delete or replace (Levenshtein), whatever their case.</summary>
    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
