namespace TaH.Engine;

/// <summary>Patterns of mathematics in its delimiters: <c>$$..$$</c>, <c>\[..\]</c>, <c>$..$</c>, <c>\(..\)</c>, <c>[..]</c>.</summary>
/// <remarks>Source: math-verify 0.8.0, make_latex_env_pattern.</remarks>
internal static class LatexEnvironments
{
    /// <summary>Formulas that may be linked: one and up to five more.</summary>
    public const int MostLinked = 6;

    // What one character inside each pair of delimiters may be.
    private const string InDoubleDollar = @"(?:[^$]|\$(?!\$))";
    private const string InBrackets = @"(?:[^\\]|\\(?!\]))";
    private const string InDollar = @"(?:\\\$|[^\n$])";
    private const string InParentheses = @"(?:[^\\\n]|\\(?!\)))";
    private const string InPlainBrackets = @"[^\n\]\[]";

    private const string Integer = @"-?\d+(?:[.,]\d+)?";

    /// <summary>Up to six formulas with "and", "or" or a comma between them. Group <c>formulaN</c> is what formula N holds.</summary>
    /// <param name="boxed">Only formulas with a box in them.</param>
    public static string Linked(bool boxed)
    {
        var pattern = One(0, boxed);
        var gap = boxed ? @"\s*" : string.Empty;
        for (var place = 1; place < MostLinked; place++) pattern += $@"{gap}(?:\s*(?:,?and|,?or|,)\s*{One(place, boxed)})?";
        return $"(?:{pattern})";
    }

    private static string One(int place, bool boxed)
    {
        string[] forms =
        [
            $@"(?<!\\)\$\${Inside(InDoubleDollar)}(?<!\\)\$\$",
            $@"(?<!\\)\\\[{Inside(InBrackets)}(?<!\\)\\\]",
            $@"(?<![\\\d])\${Inside(InDollar)}(?<!\\)\$",
            $@"(?<!\\)\\\({Inside(InParentheses)}(?<!\\)\\\)",
            $@"\s\[{Inside(InPlainBrackets)}\]\s",
        ];
        var bare = boxed ? string.Empty : $@"|(?<formula{place}>-?\\frac\{{{Integer}\}}\{{{Integer}\}})";
        return $@"(?:(?:{string.Join('|', forms)}{bare})\s*(?<percent{place}>\\?%|[Pp]ercent|[Pp]ercentage|[Pp]ct)?)";

        string Inside(string character) => boxed
            ? $@"(?<formula{place}>{character}*?\\boxed\{{{character}+?\}}{character}*?)"
            : $@"(?<formula{place}>{character}+?)";
    }
}
