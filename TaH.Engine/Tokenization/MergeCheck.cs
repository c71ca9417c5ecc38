namespace TaH.Engine;

/// <summary>
/// Finds the wrong merge after Microsoft.ML.Tokenizers has refused them: it checks each as it takes it, but names neither file nor place,
/// and to look up 150,000 twice would cost every start 90 ms.
/// </summary>
internal static class MergeCheck
{
    /// <summary>The complaint about the first wrong merge, or null where none is wrong.</summary>
    public static CheckpointException? FirstFault(TokenizerFile file)
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < file.Merges.Count; i++)
        {
            if (Fault(file.Vocabulary, seen, file.Merges[i]) is { } fact) return new CheckpointException(file.Path, $"model.merges[{i}]", fact);
        }

        return null;
    }

    private static string? Fault(Dictionary<string, int> vocabulary, HashSet<string> seen, string merge)
    {
        if (!seen.Add(merge)) return $"\"{merge}\" appears twice";
        if (merge.Split(' ') is not [{ Length: > 0 } left, { Length: > 0 } right]) return $"\"{merge}\" is not two tokens";
        foreach (var token in (string[])[left, right, left + right])
        {
            if (!vocabulary.ContainsKey(token)) return $"\"{merge}\" needs the token \"{token}\", which model.vocab does not have";
        }

        return null;
    }
}
