using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Adds the braces that careless LaTeX leaves out: <c>\frac12</c>, <c>\sqrt2</c>, <c>x^(3)</c>, <c>3/4</c>.</summary>
/// <remarks>Source: latex2sympy2_extended 1.10.2, the step malformed_operators; like it, this mends golds only.</remarks>
internal static class MalformedOperators
{
    private const string Fraction = @"\frac";
    private const string Root = @"\sqrt";

    private static readonly (Regex Wrong, string Right)[] Table =
    [
        (AnswerPattern.Compile(@"\^\s?\((.*?)\)"), "^{$1}"),
        (AnswerPattern.Compile(@"sqrt\s?\((.*?)\)"), @"\sqrt{$1}"),
        (AnswerPattern.Compile(@"\\frac\s?(\d)\s?(\d+)"), @"\frac{$1}{$2}"),
        (AnswerPattern.Compile(@"\\log_\s?(\d)\s?(\d+)"), @"\log_{$1}{$2}"),
        (AnswerPattern.Compile(@"\\frac\s?\{(.*?)\}\s?(\d)"), @"\frac{$1}{$2}"),
        (AnswerPattern.Compile(@"\\frac\s?(\d)\s?\{(.*?)\}"), @"\frac{$1}{$2}"),
        (AnswerPattern.Compile(@"\\sqrt\s?(\d)"), @"\sqrt{$1}"),
    ];

    /// <summary>The text with the braces it should have had.</summary>
    public static string Mend(string text)
    {
        foreach (var (wrong, right) in Table) text = wrong.Replace(text, right);
        return WholeFraction(Fractions(Roots(text.Replace(" sqrt", Root, StringComparison.Ordinal))));
    }

    private static string Roots(string text)
    {
        var parts = text.Split(Root);
        var mended = new StringBuilder(parts[0]);
        foreach (var part in parts.Skip(1).Select(part => part.TrimStart()))
        {
            mended.Append(Root);
            if (part.Length == 0 || part[0] is '{' or '[') mended.Append(part);
            else mended.Append('{').Append(part[0]).Append('}').Append(part, 1, part.Length - 1);
        }
        return mended.ToString();
    }

    private static string Fractions(string text)
    {
        var parts = text.Split(Fraction);
        var mended = new StringBuilder(parts[0]);
        foreach (var part in parts.Skip(1).Select(part => part.TrimStart()))
        {
            mended.Append(Fraction);
            if (part.StartsWith('{')) mended.Append(part);
            else if (part.Length < 2) return text;
            else if (part[1] == '{') mended.Append('{').Append(part[0]).Append('}').Append(part, 1, part.Length - 1);
            else mended.Append('{').Append(part[0]).Append("}{").Append(part[1]).Append('}').Append(part, 2, part.Length - 2);
        }
        return mended.ToString();
    }

    private static string WholeFraction(string text) =>
        text.Split('/') is [var over, var under] && IsPlainInteger(over) && IsPlainInteger(under) ? $@"\frac{{{over}}}{{{under}}}" : text;

    // As it would be printed: no sign but a minus, no zeros in front.
    private static bool IsPlainInteger(string text) =>
        System.Numerics.BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
        && value.ToString(CultureInfo.InvariantCulture) == text;
}
