using System.Globalization;

namespace TaH.Cli;

/// <summary>Token ids as they are written on the command line.</summary>
internal static class TokenIdList
{
    /// <summary>Reads <c>5,17,3</c>; blanks part ids as commas do.</summary>
    /// <exception cref="UsageException">One is no id; the message says which.</exception>
    public static int[] Parse(string option, string text)
    {
        var words = text.Split([',', ' ', '\t', '\n', '[', ']'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. words.Select((word, place) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? id
            : throw new UsageException($"{option}: '{word}' at place {place} is not a token id; write them as 5,17,3"))];
    }
}
