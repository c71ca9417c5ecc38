namespace TaH.Cli;

/// <summary>An option whose value is one of a few words.</summary>
internal static class Choice
{
    /// <summary>What the word stands for.</summary>
    /// <exception cref="UsageException">It is none of them; the message lists them.</exception>
    public static T Of<T>(string option, string given, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        var words = new List<string>();
        foreach (var (word, value) in choices)
        {
            if (word == given) return value;
            words.Add(word);
        }
        throw new UsageException($"{option} is {string.Join(", ", words[..^1])} or {words[^1]}, not '{given}'{NearestName.Question(given, words)}");
    }
}
