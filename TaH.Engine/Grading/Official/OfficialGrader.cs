using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Judges as math-verify 0.8.0 does where the official TaH code calls it, oddities included, so that scores compare with published ones.</summary>
/// <remarks>Source: MathEvaluator.rule_judge of tah/evaluate/matheval.py; docs/grading.md lists where this one differs.</remarks>
internal sealed class OfficialGrader : IAnswerGrader
{
    private static readonly AnswerSearch Letters = new(LetterPatterns.All, onlyFirst: false);
    private static readonly AnswerSearch GoldNumbers = new(NumberPatterns.All, onlyFirst: false);
    private static readonly AnswerSearch GoldFormulas = new(LatexPatterns.OfGold, onlyFirst: false);
    private static readonly AnswerSearch Outputs = new(LatexPatterns.OfOutput.Concat(NumberPatterns.All), onlyFirst: true);

    /// <inheritdoc/>
    public string Name => AnswerGraders.OfficialName;

    /// <inheritdoc/>
    public GradeVerdict Grade(GradeMode mode, string gold, string output)
    {
        var found = TimeLimit.Run(stop => Find(mode == GradeMode.Letter ? Letters : Outputs, output, stop), null);
        if (found is null) return GradeVerdict.Nothing;
        var expected = TimeLimit.Run(stop => FindGold(mode, gold, stop), null);
        return new GradeVerdict(expected is not null && TimeLimit.Run(stop => AreEqual(expected, found, stop), false), found.Text);
    }

    private static ExtractedAnswer? FindGold(GradeMode mode, string gold, CancellationToken stop) => mode switch
    {
        GradeMode.Expression => Find(GoldNumbers, gold, stop),
        GradeMode.Latex => Find(GoldFormulas, gold.StartsWith('$') ? gold : $"${gold}$", stop),
        _ => Find(Letters, gold, stop),
    };

    private static ExtractedAnswer? Find(AnswerSearch search, string text, CancellationToken stop)
    {
        try
        {
            return search.Find(text, stop);
        }
        catch (RegexMatchTimeoutException)
        {
            return null; // as where the official grader's clock runs out: nothing found
        }
    }

    // Value and value, or text and text: an answer that cannot be parsed still counts if its text is the gold's.
    private static bool AreEqual(ExtractedAnswer gold, ExtractedAnswer answer, CancellationToken stop) =>
        (gold.Text.Length > 0 && gold.Text.Trim() == answer.Text.Trim())
        || (gold.Value is not null && answer.Value is not null && MathComparison.AreEqual(gold.Value, answer.Value, ComparisonOptions.Official, stop));
}
