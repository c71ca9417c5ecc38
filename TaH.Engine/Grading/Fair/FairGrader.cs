using System.Globalization;
using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Judges as a careful person would: the answer that an output settles on, in whatever form it is written.</summary>
internal sealed class FairGrader : IAnswerGrader
{
    // A longer text is no answer.
    private const int LongestAnswer = 2000;

    private static readonly Regex Space = AnswerPattern.Compile(@"\s+|\\text\s*|[{}]");

    /// <inheritdoc/>
    public string Name => AnswerGraders.FairName;

    /// <inheritdoc/>
    public GradeVerdict Grade(GradeMode mode, string gold, string output)
    {
        var found = TimeLimit.Run(_ => Find(mode, output), null);
        if (string.IsNullOrWhiteSpace(found)) return GradeVerdict.Nothing;
        return new GradeVerdict(TimeLimit.Run(stop => IsRight(mode, gold, found, stop), false), found);
    }

    private static string? Find(GradeMode mode, string output)
    {
        try
        {
            var text = FairText.Of(output);
            return mode == GradeMode.Letter ? ChoiceFinder.Find(text) : AnswerFinder.Find(text);
        }
        catch (RegexMatchTimeoutException)
        {
            return null; // a text that takes seconds to search holds no answer for a person either
        }
    }

    private static bool IsRight(GradeMode mode, string gold, string answer, CancellationToken stop)
    {
        if (mode == GradeMode.Letter) return (ChoiceFinder.OfShort(gold) ?? gold.Trim()) == answer;
        if (answer.Length > LongestAnswer || gold.Length > LongestAnswer) return false;
        try
        {
            var golds = AnswerReadings.Of(gold).Where(reading => !reading.IsUnassigned).ToList();
            return AnswerReadings.Of(answer).Any(reading => golds.Any(expected => AreEqual(expected, reading, stop)));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool AreEqual(AnswerReading gold, AnswerReading answer, CancellationToken stop)
    {
        if (!Units.Agree(gold.Unit, answer.Unit)) return false;
        if (answer.IsUnassigned && gold.Text.Contains('=')) return false; // y = 5 is not x = 5
        if (AreEqual(gold.Text, answer.Text, stop)) return true;

        // A question that asks for a percentage may be answered with the sign or without.
        return gold.IsPercent != answer.IsPercent && AreEqual(WithoutPercent(gold.Text), WithoutPercent(answer.Text), stop);
    }

    private static bool AreEqual(string gold, string answer, CancellationToken stop)
    {
        if (gold.Length == 0 || answer.Length == 0) return false;
        if (AsWord(gold) == AsWord(answer)) return true;
        if (PlainSymbols.NumberOf(AsWord(answer)) is var number and >= 0) answer = number.ToString(CultureInfo.InvariantCulture);
        if (!LatexParser.TryParse(gold, MathDialect.Fair, out var expected) || !LatexParser.TryParse(answer, MathDialect.Fair, out var value)) return false;
        if (expected is not MatrixValue || value is not MatrixValue) (expected, value) = (AsTuple(expected), AsTuple(value));
        return !IsUnsolved(expected, value) && MathComparison.AreEqual(expected, value, ComparisonOptions.Fair, stop);
    }

    // 2x = 5 does not say that something is 5; x = 5 and a + b = 5 do.
    private static bool IsUnsolved(MathExpression gold, MathExpression answer) =>
        gold is not Relation && answer is Relation { Kind: RelationKind.Equal, Left: Product { Factors: [IntegerNumber or RationalNumber or DecimalNumber, ..] } };

    // A vector may be written as a point, in a row or in a column.
    private static MathExpression AsTuple(MathExpression value) =>
        value is MatrixValue matrix && (matrix.Rows == 1 || matrix.Columns == 1) && matrix.Elements.Count > 1 ? new TupleValue(matrix.Elements) : value;

    private static string WithoutPercent(string text) => text.Replace(@"\%", string.Empty, StringComparison.Ordinal).Trim();

    private static string AsWord(string text) => Space.Replace(text, string.Empty).TrimEnd('.').ToLowerInvariant();
}
