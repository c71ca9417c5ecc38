namespace TaH.Tests;

public class ExactMatchGraderTests
{
    [Theory]
    [InlineData("<think>7?</think>\n\n42", "42", true, true, "42")]
    [InlineData("The answer is \\boxed{7}, no, \\boxed{4{2}}.", "4{2}", true, true, "4{2}")]
    [InlineData("<think>\\boxed{42}</think> 41", "42", false, false, "41")]
    [InlineData("  New   York. ", "new york", false, true, "New   York.")]
    [InlineData("<think>x</think> The answer is 42.", "42", false, true, "The answer is 42.")]
    [InlineData("The answer is 42. Answer: 41", "42", false, false, "The answer is 42. Answer: 41")]
    [InlineData("\\boxed{42", "42", false, false, "\\boxed{42")]
    [InlineData("", "42", false, false, null)]
    [InlineData("<think>42</think>", "42", false, false, null)]
    public void Official_asks_for_the_same_characters_and_fair_for_the_same_words(string answer, string gold, bool official, bool fair, string? extracted)
    {
        var problem = new EvaluationProblem(TaskFile.Parse("data: d\nprompt: q\ngrader: exact\n", "t.yaml"), 0, "a", "q", gold, default);
        var verdict = new ExactMatchGrader().Grade(problem, answer);
        Assert.Equal((official, fair, extracted), (verdict.Official, verdict.Fair, verdict.Extracted));
    }
}
