using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>One way to read the text of an answer.</summary>
/// <param name="Text">LaTeX without dollars, fillers, currency and unit.</param>
/// <param name="Unit">The unit it had, or empty.</param>
/// <param name="IsPercent">Whether it had a percent sign, which the text still has.</param>
/// <param name="IsUnassigned">Whether "x =" was taken away from it, which only golds without an equation allow.</param>
internal sealed record AnswerReading(string Text, string Unit, bool IsPercent, bool IsUnassigned = false);

/// <summary>The ways in which a person may read the text of an answer; one that matches is enough.</summary>
internal static class AnswerReadings
{
    private static readonly (Regex Clutter, string Instead)[] Fillers =
    [
        (AnswerPattern.Compile(@"\\(?:displaystyle|textstyle|limits|phantom\{[^{}]*\})"), " "),
        (AnswerPattern.Compile(@"\\[dtc]frac"), @"\frac"),
        (AnswerPattern.Compile(@"\\langle(?![a-z])"), "("),
        (AnswerPattern.Compile(@"\\rangle(?![a-z])"), ")"),
        (AnswerPattern.Compile(@"(?:\\[,;:! ]|[\s.,;:])+$"), string.Empty),
        (AnswerPattern.Compile(@"(?<=\d)\s*(?:\\[,;:! ]|\{,\}|~|\\thinspace)\s*(?=\d{3}(?!\d))"), string.Empty),
        (AnswerPattern.Compile(@"(?<=\d),\\[,;:! ]\s*(?=\d{3}(?!\d))"), string.Empty),
        (AnswerPattern.Compile(@"\\[,;:!]|\\thinspace|(?<!\\)\\ |~|\\q?quad"), " "),
        (AnswerPattern.Compile(@"\\(?:mathrm|mathbf|textbf|textit|mathit|textnormal|textrm|bm|boldsymbol)\s*(?=\{)"), @"\text"),
        (AnswerPattern.Compile(@"\\text\s*\{\s*(?:and|or)\s*\}"), ", "),
        (AnswerPattern.Compile(@"\\text\s*\{\s*\}"), string.Empty),
        (AnswerPattern.Compile(@"\^\s*\{?\s*(?:\\circ|°)\s*\}?|°|\\degree(?![a-z])"), " degrees"),
        (AnswerPattern.Compile(@"\\?[$]|[€£¥]|\\(?:euro|pounds)(?![a-z])|\b(?:USD|EUR)\s*(?=\d)"), string.Empty),
        (AnswerPattern.Compile(@"(?:,?\s+(?:and|or)\s+)"), ", "),
        (AnswerPattern.Compile(@"\\?%|\s*\\text\s*\{\s*percent\s*\}|\s+percent(?:age)?(?![a-z])"), @"\%"),
    ];

    private static readonly Regex GroupedDigits = AnswerPattern.Compile(@"(?<![\w.,])[1-9]\d{0,2}(?:([ ,])\d{3})(?:\1\d{3})*(?![\d,])");
    private static readonly Regex Approximately = AnswerPattern.Compile(@"\\approx(?:eq)?(?![a-z])|\\simeq(?![a-z])");
    private static readonly Regex Assignment = AnswerPattern.Compile(@"(?<=^|,)\s*[a-zA-Z](?:_\{?\w+\}?)?(?:\([a-z]\))?'?\s*(?:=|\\in(?![a-z]))\s*(?![^,]*[<>=])");
    private static readonly Regex OrBetweenIntervals = AnswerPattern.Compile(@"(?<=[)\]])\s*(?:\\text\s*\{\s*or\s*\}|\bor\b)\s*(?=[(\[])");
    private static readonly Regex Prose = AnswerPattern.Compile(@"^(?:[A-Za-z]{2,}\s+)+(?=[-\\\d(])");

    /// <summary>The readings, the most literal first.</summary>
    /// <param name="answer">A gold, or what was found in an output.</param>
    public static IReadOnlyList<AnswerReading> Of(string answer)
    {
        var latex = Strip(PlainSymbols.ToLatex(answer.Trim()));
        if (!latex.Contains(@"\begin", StringComparison.Ordinal)) latex = latex.Replace("&", string.Empty, StringComparison.Ordinal);
        var union = OrBetweenIntervals.Replace(latex, @" \cup ");
        return [.. new[] { latex, union }.Distinct().SelectMany(text => Sides(WithoutFillers(text))).SelectMany(Variants).Distinct()];
    }

    private static string WithoutFillers(string text)
    {
        foreach (var (clutter, instead) in Fillers) text = clutter.Replace(text, instead);
        return Strip(text);
    }

    // a \approx b can be read as either.
    private static IEnumerable<string> Sides(string text)
    {
        var sides = Approximately.Split(text).Select(side => side.Trim()).Where(side => side.Length > 0).ToList();
        return sides.Count > 1 ? sides : [text];
    }

    private static IEnumerable<AnswerReading> Variants(string text)
    {
        text = text.Trim().TrimEnd('=').Trim();
        var isPercent = text.EndsWith(@"\%", StringComparison.Ordinal);
        yield return new AnswerReading(text, string.Empty, isPercent);
        var (bare, unit) = Units.Split(text);
        var value = Assignment.Replace(bare, string.Empty);
        foreach (var form in new[] { bare, Prose.Replace(bare, string.Empty), value })
        {
            var reading = new AnswerReading(form, unit, isPercent, form == value && value != bare);
            yield return reading;
            if (form.IndexOfAny(['(', '[', '{']) < 0) yield return reading with { Text = GroupedDigits.Replace(form, Ungrouped) };
        }
    }

    private static string Ungrouped(Match digits) => digits.Value.Replace(digits.Groups[1].Value, string.Empty, StringComparison.Ordinal);

    // Emphasis, quotes and the stop of a sentence; a box inside of another.
    private static string Strip(string text)
    {
        text = text.Trim().Trim('*', '`', '"', '“', '”', ' ', '\n');
        return text.StartsWith(@"\(", StringComparison.Ordinal) || text.StartsWith(@"\[", StringComparison.Ordinal)
            ? text[2..].Replace(@"\)", string.Empty, StringComparison.Ordinal).Replace(@"\]", string.Empty, StringComparison.Ordinal).Trim()
            : text;
    }
}
