using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Reads what <see cref="NumberPatterns"/> find.</summary>
/// <remarks>Source: math-verify 0.8.0, extract_expr.</remarks>
internal sealed class NumberAnswerReader : IAnswerReader
{
    /// <inheritdoc/>
    public ExtractedAnswer Read(Match match)
    {
        var digits = First(match, "grouped", "whole", "integer").Replace(",", string.Empty, StringComparison.Ordinal)
            .Replace(" ", string.Empty, StringComparison.Ordinal);
        var decimals = First(match, "groupedDecimals", "decimals", "bareDecimals").Replace(',', '.');
        if (digits.Length + decimals.Length > 0) return Number(digits.TrimStart('0'), decimals, match.Groups["percent"].Success);
        var sum = match.Groups["sum"].Value;
        var plain = sum.Replace('\n', ' ').Replace("^", "**", StringComparison.Ordinal);
        return new ExtractedAnswer(PlainParser.TryParse(plain, out var value) ? value : null, sum);
    }

    // The text has no percent sign, so that 6% equals a gold 6 as text.
    private static ExtractedAnswer Number(string digits, string decimals, bool isPercent)
    {
        var text = (digits.Length == 0 ? "0" : digits) + decimals;
        if (!PlainParser.TryParse(text, out var value)) return new ExtractedAnswer(null, text);
        return new ExtractedAnswer(isPercent ? Product.Percent(value) : value, text);
    }

    private static string First(Match match, params string[] groups) =>
        groups.Select(group => match.Groups[group].Value).FirstOrDefault(value => value.Length > 0) ?? string.Empty;
}
