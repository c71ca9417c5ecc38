using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Brings LaTeX of golds and outputs into the form that is parsed and compared as text.</summary>
/// <remarks>Source: latex2sympy2_extended 1.10.2, normalize_latex. The order of the steps matters.</remarks>
internal static class LatexNormalizer
{
    private static readonly Regex Left = AnswerPattern.Compile(
        @"\\m?left(\\\{|\{|\\?\||\[|\(|\\rbracl|\\lgroup|\\lbrace|\\lbrack|\\l?vert|\\lceil|\\lfloor|\\langle|\\llcorner|\\ulcorner)");

    private static readonly Regex Right = AnswerPattern.Compile(
        @"\\m?right(\\\}|\}|\\?\||\]|\)|\\rbrack|\\rgroup|\\rbrace|\\r?vert|\\rceil|\\rfloor|\\rangle|\\lrcorner|\\urcorner)");

    // (n)_{k}, the falling factorial.
    private static readonly Regex Permutation = AnswerPattern.Compile(@"\(([a-zA-Z0-9+\-*/\\ ]+?)\)_\{([a-zA-Z0-9+\-*/\\ ]+?)\}");

    private static readonly Regex Clutter = AnswerPattern.Compile(
        @"\\mathrm\{th\}|\\!\s*|\\text\s*\{\s*\}|\\?\$|(?<!\\)[""']|\\displaystyle");

    private static readonly Regex DoubledSlash = AnswerPattern.Compile(@"\\\\(?=[a-zA-Z])");
    private static readonly Regex LastText = AnswerPattern.Compile(@"\\(?:text|mbox)\{.*?\}(?:\^\d|\{\^\d\})?$");

    /// <summary>A gold: every step, so that <c>\frac12</c> and <c>\sqrt2</c> can be parsed.</summary>
    public static string OfGold(string text, bool isBareBox) => MalformedOperators.Mend(WithLeadingDigit(OfOutput(text, isBareBox, trim: false))).Trim();

    /// <summary>An output: without the steps that mend careless LaTeX.</summary>
    /// <param name="text">What stands between the delimiters, or a box with all that follows it.</param>
    /// <param name="isBareBox">Only the last box counts, and those that are linked with it.</param>
    public static string OfOutput(string text, bool isBareBox) => OfOutput(text, isBareBox, trim: true);

    private static string OfOutput(string text, bool isBareBox, bool trim)
    {
        var plain = WithoutUnits(InBasicLatex(BoxedContent.Of(text, onlyLast: isBareBox)));
        return trim ? plain.Trim() : plain;
    }

    private static string InBasicLatex(string text)
    {
        text = text.Replace(@"\mathrm{T}", "T", StringComparison.Ordinal).Replace(@"\mathrm{d}", "d", StringComparison.Ordinal)
            .Replace(@"{\rm d}", "d", StringComparison.Ordinal)
            .Replace(@"\left[\begin{matrix}", @"\begin{bmatrix}", StringComparison.Ordinal)
            .Replace(@"\end{matrix}\right]", @"\end{bmatrix}", StringComparison.Ordinal);
        text = Right.Replace(Left.Replace(text, "$1"), "$1");
        text = Permutation.Replace(text, @"\frac{($1)!}{(($1)-($2))!}");
        text = LatexRewrites.Apply(Clutter.Replace(text, string.Empty)).Replace('\n', ' ').Replace('\t', ' ');
        return text.Contains("matrix", StringComparison.Ordinal) ? text : DoubledSlash.Replace(text, @"\");
    }

    private static string WithoutUnits(string text)
    {
        text = Unless(LastText.Replace(text, string.Empty).Trim(), text);
        for (var time = 0; time < 2; time++) text = Unless(UnitWords.AtEnd.Replace(text, "$1"), text);
        return text;
    }

    private static string Unless(string shorter, string text) => shorter.Length == 0 ? text : shorter;

    private static string WithLeadingDigit(string text) => text.StartsWith('.') ? "0" + text : text == "0.5" ? @"\frac{1}{2}" : text;
}
