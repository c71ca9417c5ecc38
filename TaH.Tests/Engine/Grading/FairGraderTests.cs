namespace TaH.Tests;

/// <summary>The fair grader against answers that were judged by hand before it saw them.</summary>
public class FairGraderTests(ITestOutputHelper output)
{
    [Fact]
    public void Judges_every_case_as_a_person_did()
    {
        var cases = GradedCase.Read("fair.jsonl");
        var wrong = cases.Where(item => AnswerGraders.Fair.Grade(item.Mode, item.Gold, item.Output).Correct != item.Correct).ToList();
        output.WriteLine($"{wrong.Count} of {cases.Count} differ");
        Assert.True(cases.Count >= 200 && cases.Count(item => !item.Correct) * 5 > cases.Count * 2, "200 cases, more than 40 % of them wrong answers");
        Assert.Empty(wrong.Select(item => $"{item.Id}: gold {item.Gold}, should be {item.Correct}"));
    }
}
