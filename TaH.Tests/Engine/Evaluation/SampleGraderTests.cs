namespace TaH.Tests;

/// <summary>Each task's answers reach the grader of its kind.</summary>
public class SampleGraderTests
{
    [Theory]
    [InlineData("gsm8k", "1000", "<think>7</think> So it is \\boxed{1,000}.", true, true)]
    [InlineData("gsm8k", "18", "It is 17.", false, false)]
    [InlineData("math500", "\\frac12", "Hence $\\boxed{\\frac{1}{2}}$.", true, true)]
    [InlineData("math500", "\\frac12", "Hence $\\boxed{\\frac12}$.", false, true)]
    [InlineData("mmlu_stem", "B", "The answer is \\boxed{B}", false, true)]
    [InlineData("mmlu_stem", "B", "Answer: B", true, true)]
    [InlineData("gsm8k", "18", "", false, false)]
    public void Both_verdicts_are_those_of_the_mode(string task, string gold, string answer, bool official, bool fair)
    {
        var problem = new EvaluationProblem(BuiltInTasks.Find(task)!, 0, "a", "q", gold, default);
        var verdict = SampleGraders.Create(problem.Task, unsafely: false).Grade(problem, answer);
        Assert.Equal((official, fair), (verdict.Official, verdict.Fair));
        if (answer.Length == 0) Assert.Equal((null, null), (verdict.Extracted, verdict.FairExtracted));
    }
}
