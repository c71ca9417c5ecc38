using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Reads the formulas that <see cref="LatexPatterns"/> find; several of one match become a set.</summary>
/// <remarks>Source: math-verify 0.8.0, extract_latex.</remarks>
internal sealed class LatexAnswerReader(Func<string, bool, string> normalize, MathDialect dialect) : IAnswerReader
{
    /// <summary>The group of a box that stands outside of any formula.</summary>
    public const string BareBox = "box";

    /// <summary>For golds, whose careless LaTeX is mended.</summary>
    public static LatexAnswerReader OfGold { get; } = new(LatexNormalizer.OfGold, MathDialect.OfficialGold);

    /// <summary>For outputs.</summary>
    public static LatexAnswerReader OfOutput { get; } = new(LatexNormalizer.OfOutput, MathDialect.OfficialOutput);

    /// <inheritdoc/>
    public ExtractedAnswer Read(Match match)
    {
        if (match.Groups[BareBox].Value is { Length: > 0 } box) return Read(box, isBareBox: true, isPercent: false);
        var found = new List<ExtractedAnswer>();
        for (var place = 0; place < LatexEnvironments.MostLinked; place++)
        {
            var formula = match.Groups[$"formula{place}"].Value;
            if (formula.Length > 0) found.Add(Read(formula, isBareBox: false, match.Groups[$"percent{place}"].Success));
        }

        if (found.Count == 1 || found.Any(answer => answer.Value is null)) return found[0];
        return new ExtractedAnswer(new FiniteSet([.. found.SelectMany(Elements)]), string.Join(" and ", found.Select(answer => answer.Text)));
    }

    private ExtractedAnswer Read(string formula, bool isBareBox, bool isPercent)
    {
        var text = normalize(formula, isBareBox);
        if (!LatexParser.TryParse(text, dialect, out var value)) return new ExtractedAnswer(null, text);
        return new ExtractedAnswer(isPercent ? Product.Percent(value) : value, text);
    }

    private static IEnumerable<MathExpression> Elements(ExtractedAnswer answer) => answer.Value is FiniteSet set ? set.Elements : [answer.Value!];
}
