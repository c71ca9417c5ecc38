namespace TaH.Tests;

/// <summary>The official grader against verdicts that the authors' code gave (the fixture is a sample of 4,377 that were compared).</summary>
public class OfficialGraderTests(ITestOutputHelper output)
{
    private static readonly IReadOnlyList<GradedCase> Cases = GradedCase.Read("official.jsonl");

    [Theory, InlineData(GradeMode.Expression), InlineData(GradeMode.Latex), InlineData(GradeMode.Letter)]
    public void Agrees_with_the_recorded_verdicts(GradeMode mode)
    {
        var cases = Cases.Where(item => item.Mode == mode).ToList();
        var wrong = cases.Where(item => AnswerGraders.Official.Grade(mode, item.Gold, item.Output).Correct != item.Correct).ToList();
        output.WriteLine($"{mode}: {wrong.Count} of {cases.Count} differ {string.Join(", ", wrong.Select(item => item.Id))}");
        Assert.True(cases.Count >= 90);
        Assert.InRange(wrong.Count, 0, cases.Count / 50); // 98 % is asked for
    }

    /// <summary>Extraction has no room for judgement: every text is the recorded one.</summary>
    [Fact]
    public void Takes_the_same_text_for_the_answer()
    {
        foreach (var item in Cases)
            Assert.Equal((item.Id, item.RecordedText()), (item.Id, AnswerGraders.Official.Grade(item.Mode, item.Gold, item.Output).Extracted));
    }

    // The oddities that a reader of the scores should know of.
    [Theory]
    [InlineData(GradeMode.Expression, "6", "So it is 6%", true)]                                // the percent sign is not in the text
    [InlineData(GradeMode.Expression, "6", @"\boxed{6\%}", false)]
    [InlineData(GradeMode.Expression, "5", @"<think>maybe \boxed{12}, or </think> \boxed{5}", false)] // joined boxes
    [InlineData(GradeMode.Expression, "1000", @"\boxed{1\,000}", false)]
    [InlineData(GradeMode.Latex, @"\frac65", @"\boxed{\frac{6}{5}}", true)]
    [InlineData(GradeMode.Latex, @"11\sqrt2", @"\boxed{11\sqrt{2}}", true)]
    [InlineData(GradeMode.Letter, "B", @"\boxed{B}", false)]
    [InlineData(GradeMode.Letter, "B", @"\boxed{ B }", true)]
    [InlineData(GradeMode.Letter, "A", @"A careful reading gives \boxed{B}", true)]
    public void Keeps_the_oddities(GradeMode mode, string gold, string answer, bool correct) =>
        Assert.Equal(correct, AnswerGraders.Official.Grade(mode, gold, answer).Correct);
}
