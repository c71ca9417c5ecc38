using System.IO.Compression;
using System.Text;

namespace TaH.Tests;

/// <summary>Programs that solve problems and programs that do not, run in the sandbox.</summary>
public class CodeGraderTests
{
    private const string Sum = """
        {"task_id":"own/1","prompt":"from typing import List\n\n\ndef total(values: List[float]) -> float:\n    \"\"\" The sum. \"\"\"\n","entry_point":"total",
        "canonical_solution":"    return sum(values)\n","test":"def check(candidate):\n    assert candidate([1, 2]) == 3\n    assert candidate([]) == 0\n",
        "plus_input":[[[0.1, 0.2, Infinity]], [[9223372036854775808123, 1]], [[NaN]], [[-5]]],"atol":0}
        """;

    private const string Pairs = """
        {"task_id":"own/2","code":"def pairs(n):\n    return [(i, i + 1) for i in range(n)]\n","test_imports":["import math"],
        "test_list":["assert pairs(2) == [(0, 1), (1, 2)]","assert pairs(math.floor(0.5)) == []"]}
        """;

    [Theory]
    [InlineData("def total(values: List[float]):\n    result = 0\n    for v in values: result += v\n    return result", true, true, "")]
    [InlineData("def total(values):\n    return sum(values) if len(values) > 1 else 0", true, false, "AssertionError: input 2")]
    [InlineData("def total(values):\n    return 3", false, false, "AssertionError")]
    [InlineData("def totals(values):\n    return sum(values)", false, false, "NameError: name 'total' is not defined")]
    [InlineData("def total(values)\n    return sum(values)", false, false, "SyntaxError: expected ':'")]
    [InlineData("def total(values):\n    return 0\nimport sys\nsys.exit(0)", false, false, "AssertionError: the program ends before its tests do")]
    [InlineData("def total(values):\n    return 0\nimport os\nos._exit(0)", false, false, "ends before its tests do")]
    [InlineData("def total(values):\n    return sum(values)\nif __name__ == '__main__': exit()", true, true, "")]
    [InlineData("def total(values):\n    while True: pass", false, false, "takes too long")]
    [InlineData("", false, false, "NameError")]
    public void A_program_is_right_where_its_tests_pass(string code, bool isBase, bool isPlus, string reason)
    {
        var verdict = Grade(Sum, code);
        Assert.Equal((isBase, isPlus), (verdict.Base, verdict.Plus));
        Assert.StartsWith(reason, verdict.Reason);
    }

    [Fact]
    public void Tests_in_a_list_are_run_with_their_imports()
    {
        Assert.Equal(new CodeVerdict(true, null, ""), Grade(Pairs, "def pairs(n):\n    return list(zip(range(n), range(1, n + 1)))"));
        Assert.False(Grade(Pairs, "def pairs(n):\n    return [[i, i + 1] for i in range(n)]").Base);
    }

    [Theory]
    [InlineData("<think>\n```python\nx = 1\n```\n</think>\nSo:\n```python\ny = 2\n```\nThat is it.", "y = 2\n")]
    [InlineData("def f():\n    return 1\n```\nDone.", "def f():\n    return 1\n")]
    [InlineData("```py\na\n```\n```python\nb\n```", "b\n")]
    [InlineData("```python\nunfinished", "unfinished")]
    [InlineData("", "")]
    public void The_program_is_found_in_the_answer(string answer, string code) => Assert.Equal(code, CodeInAnswer.Of(answer));

    /// <summary>All problems of a file that TAH_CODE_PROBLEMS names: reference solutions pass, empty ones fail.</summary>
    [Fact(Explicit = true)]
    public void Reference_solutions_pass_and_empty_ones_fail()
    {
        var path = Environment.GetEnvironmentVariable("TAH_CODE_PROBLEMS");
        Assert.SkipWhen(path is null, "TAH_CODE_PROBLEMS names no file");
        var grader = Grader(TimeSpan.FromSeconds(30));
        using var file = path!.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(File.OpenRead(path), CompressionMode.Decompress) : (Stream)File.OpenRead(path);
        using var reader = new StreamReader(file);
        var lines = new List<string>();
        while (reader.ReadLine() is { } line) lines.Add(line);
        var failed = new System.Collections.Concurrent.ConcurrentBag<string>();
        Parallel.ForEach(lines, new ParallelOptions { MaxDegreeOfParallelism = 2 }, line =>
        {
            var problem = CodeProblem.Read(Encoding.UTF8.GetBytes(line));
            var (right, empty) = (grader.Grade(problem, problem.Reference), grader.Grade(problem, ""));
            if (!right.Base || right.Plus == false) failed.Add($"{problem.EntryPoint ?? line[..60]}: {right.Reason}");
            if (empty.Base) failed.Add($"{problem.EntryPoint ?? line[..60]}: an empty program passes");
        });
        Console.WriteLine($"{lines.Count} problems, {failed.Count} not as expected\n{string.Join('\n', failed)}");
        Assert.Empty(failed);
    }

    private static CodeVerdict Grade(string row, string code) =>
        Grader(TimeSpan.FromSeconds(5)).Grade(CodeProblem.Read(Encoding.UTF8.GetBytes(row)), code, TestContext.Current.CancellationToken);

    private static CodeGrader Grader(TimeSpan time) =>
        new(SandboxScene.OrSkip(), new SandboxLimits { WallTime = time, CpuSeconds = (int)time.TotalSeconds });
}
