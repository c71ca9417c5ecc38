using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Other ways to write the same in LaTeX, and what stands for them; all are replaced in one pass.</summary>
/// <remarks>Source: latex2sympy2_extended 1.10.2, to_replace_patterns.</remarks>
internal static class LatexRewrites
{
    private static readonly (string Pattern, string Replacement)[] Table =
    [
        (@"\\math(?:rm|it|bf)", @"\text"),
        (@"\\text(?:normal|bf|it|rm)", @"\text"),
        (@"\\[dtc]frac", @"\frac"),
        (@"\s\.", " 0."),
        (@"\{\.", "{0."),
        ("~=", @"\approx"),
        (@"\s*\{\s*,\s*\}", ","),
        (@"(?<![a-zA-Z]),?\s*(?:and|or)(?![a-zA-Z])", ","),
        (@",?\s*\\text\{\s*(?:and|or)\s*\}", ","),
        (@"(?<!\\)\\\s", " "),
        ("infinity", @"\infty"),
        (@",?\\ldots", " "),
        (@"\s*percentage", @"\%"),
        (@"\\text\{percentage\}", @"\%"),
        (@"\s*percent", @"\%"),
        (@"\\text\{percent\}", @"\%"),
        (@"\s*pct", @"\%"),
        (@"\\text\{pct\}", @"\%"),
        (@"(?<!\\)inf(?!inity)", @"\infty"),
        (" sqrt", @"\sqrt"),
    ];

    private static readonly Regex Any = AnswerPattern.Compile(string.Join('|', Table.Select((row, index) => $"(?<row{index}>{row.Pattern})")));

    /// <summary>The text with each of them replaced.</summary>
    public static string Apply(string text) => Any.Replace(text, Replacement);

    private static string Replacement(Match match)
    {
        var row = 0;
        while (!match.Groups[row + 1].Success) row++;
        return Table[row].Replacement;
    }
}
