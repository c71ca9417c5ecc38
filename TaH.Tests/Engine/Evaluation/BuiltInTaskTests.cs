namespace TaH.Tests;

/// <summary>What the model is asked in each task that comes with the program: the official wording, in the chat format of Qwen3.</summary>
public sealed class BuiltInTaskTests : IDisposable
{
    private const string Row = """
        {"id": "x1", "question": " How many? ", "question_raw": "Which?", "choices": ["one", "two", "three", "four"], "answer": "B", "prompt": "def f():\n    \"\"\"d\"\"\"\n"}
        """;

    private readonly TemporaryDirectory _directory = new();

    [Fact]
    public void There_are_twelve() => Assert.Equal(
        [
            "aime24", "aime25", "amc23", "gpqa_diamond", "gsm8k", "humaneval", "humaneval_plus", "math500", "mbpp", "mbpp_plus", "mmlu_stem",
            "olympiadbench",
        ], BuiltInTasks.Names);

    [Theory]
    [InlineData("gsm8k", TaskGrader.Expr)]
    [InlineData("aime24", TaskGrader.Expr)]
    [InlineData("aime25", TaskGrader.Expr)]
    [InlineData("math500", TaskGrader.Latex)]
    [InlineData("amc23", TaskGrader.Latex)]
    [InlineData("olympiadbench", TaskGrader.Latex)]
    [InlineData("mmlu_stem", TaskGrader.String)]
    public void Mathematics_and_choices_are_asked_as_they_are(string name, TaskGrader grader) =>
        Check(name, grader, "<|im_start|>user\nHow many?<|im_end|>\n<|im_start|>assistant\n", "B");

    [Fact]
    public void Options_have_letters() => Check(
        "gpqa_diamond", TaskGrader.String, "<|im_start|>user\nWhich?\n\nA. one\nB. two\nC. three\nD. four<|im_end|>\n<|im_start|>assistant\n", "B");

    [Theory]
    [InlineData("humaneval", TaskGrader.HumanEval)]
    [InlineData("humaneval_plus", TaskGrader.HumanEvalPlus)]
    [InlineData("mbpp", TaskGrader.Mbpp)]
    [InlineData("mbpp_plus", TaskGrader.MbppPlus)]
    public void Code_is_asked_as_evalplus_does_and_the_answer_is_begun(string name, TaskGrader grader) => Check(
        name, grader,
        "<|im_start|>user\nPlease provide a self-contained Python script that solves the following problem in a markdown code block:\n```\n"
        + "def f():\n    \"\"\"d\"\"\"\n```\n<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n        \n"
        + "Below is a Python script with a self-contained function that solves the problem and passes corresponding tests:\n```python\n", "");

    public void Dispose() => _directory.Dispose();

    private void Check(string name, TaskGrader grader, string prompt, string gold)
    {
        var task = BuiltInTasks.Find(name)!;
        Assert.Equal((name, grader, true, 4096), (task.Name, task.Grader, task.Thinking, task.MaxNewTokens));
        Assert.Equal(new SamplingSettings { Temperature = 0.6f, TopP = 0.95f, TopK = 20, MinP = 0 }, task.Sampling);
        Assert.NotEmpty(task.Description);
        File.WriteAllText(_directory.At(name + ".jsonl"), Row);
        var problem = Assert.Single(ProblemReader.Read(task, TaskDataFile.Find(task, _directory.Path), limit: null));
        Assert.Equal(("x1", gold), (problem.Id, problem.Gold));
        Assert.Equal(prompt, PromptRenderer.Render(TokenizerFixtures.OpenQwen3Chat(_directory.Path), problem));
    }
}
