using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Finds the program in a model's answer.</summary>
/// <remarks>The official prompt ends inside an opened block, so an answer is code up to the first fence, unless it opens blocks of its own.</remarks>
internal static partial class CodeInAnswer
{
    private const string ThinkingEnd = "</think>";
    private const string Fence = "```";

    /// <summary>The last block that is marked as Python, or all up to the first fence; thinking does not count.</summary>
    public static string Of(string answer)
    {
        var end = answer.LastIndexOf(ThinkingEnd, StringComparison.Ordinal);
        var text = end < 0 ? answer : answer[(end + ThinkingEnd.Length)..];
        if (Block().Matches(text) is { Count: > 0 } blocks) return blocks[^1].Groups[1].Value;
        var fence = text.IndexOf(Fence, StringComparison.Ordinal);
        return fence < 0 ? text : text[..fence];
    }

    [GeneratedRegex(@"```(?:python|py)[^\n]*\n(.*?)(?:```|\z)", RegexOptions.Singleline | RegexOptions.IgnoreCase)]
    private static partial Regex Block();
}
