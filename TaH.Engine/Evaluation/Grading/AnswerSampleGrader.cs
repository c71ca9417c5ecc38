namespace TaH.Engine;

/// <summary>Judges answers in mathematics and choices by both graders.</summary>
/// <param name="mode">How reference and answer are read.</param>
internal sealed class AnswerSampleGrader(GradeMode mode) : ISampleGrader
{
    /// <inheritdoc/>
    public SampleVerdict Grade(EvaluationProblem problem, string answer)
    {
        var (official, fair) = AnswerGraders.Grade(mode, problem.Gold, answer);
        return new SampleVerdict(official.Correct, fair.Correct, Extracted(official), Extracted(fair));
    }

    private static string? Extracted(GradeVerdict verdict) => verdict.Extracted == GradeVerdict.NothingExtracted ? null : verdict.Extracted;
}
