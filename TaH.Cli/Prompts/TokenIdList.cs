using System.Globalization;

namespace TaH.Cli;

/// <summary>Token ids as they are written on the command line.</summary>
internal static class TokenIdList
{
    private static readonly char[] Blanks = [' ', '\t', '\r', '\n'];

    /// <summary>Reads <c>5,17,3</c>, with or without brackets around it; blanks part ids as commas do.</summary>
    /// <exception cref="UsageException">One is no id, or one is missing; the message says which.</exception>
    public static int[] Parse(string option, string text)
    {
        var list = text.Trim();
        if (list.StartsWith('[') && list.EndsWith(']')) list = list[1..^1].Trim();
        var ids = new List<int>();
        if (list.Length == 0) return [];
        foreach (var item in list.Split(','))
        {
            var words = item.Split(Blanks, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) throw new UsageException($"{option}: an id is missing at place {ids.Count}; write ids as 5,17,3");
            foreach (var word in words) ids.Add(Id(option, word, ids.Count));
        }
        return [.. ids];
    }

    private static int Id(string option, string word, int place) => int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
        ? id
        : throw new UsageException($"{option}: '{word}' at place {place} is not a token id; write them as 5,17,3");
}
