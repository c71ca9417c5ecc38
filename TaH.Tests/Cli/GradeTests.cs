namespace TaH.Tests;

public class GradeTests
{
    private const string Rows = """
        {"mode":"latex","gold":"\\frac12","output":"\\boxed{\\frac12}"}

        {"mode":"string","gold":"B","output":"The answer is (B)."}
        """;

    [Fact]
    public void Writes_a_line_for_each_row() =>
        Assert.Equal("{\"correct\":true,\"extracted\":\"\\\\frac12\"}\n{\"correct\":true,\"extracted\":\"B\"}\n",
            CommandRun.WithInput(Rows, "grade", "--input", "-", "--grader", "fair").Succeeded());

    [Fact]
    public void Is_official_unless_told_otherwise() =>
        Assert.Equal("{\"correct\":true,\"extracted\":\"\\\\frac12\"}\n{\"correct\":false,\"extracted\":\"No extracted answer\"}\n"
            .Replace("true", "false", StringComparison.Ordinal), CommandRun.WithInput(Rows, "grade", "--input", "-").Succeeded());

    [Fact]
    public void Reads_a_file()
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(directory.At("rows.jsonl"), Rows);
        Assert.Equal(2, CommandRun.Of("grade", "--input", directory.At("rows.jsonl")).Succeeded().Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("{\"mode\":\"expr\",\"gold\":\"1\"}", "-: line 1: output: is missing")]
    [InlineData("{\"mode\":\"expr\",\"gold\":1,\"output\":\"1\"}", "-: line 1: gold: is not a string")]
    [InlineData("{\"mode\":\"math\",\"gold\":\"1\",\"output\":\"1\"}", "-: line 1: mode: is expr, latex or string, not 'math'")]
    [InlineData("\n[1]", "-: line 2: is JSON, but not an object")]
    [InlineData("{\"mode\":", "-: line 1: is not a JSON object")]
    [InlineData("{\"mode\":\"expr\",\"gold\":\"1\",\"output\":\"\\ud800\"}", "-: line 1: is not a JSON object")]
    public void A_bad_row_is_named_by_line_and_field(string row, string sentence) =>
        Assert.Equal(sentence, CommandRun.WithInput(row, "grade", "--input", "-").FailedWith(3));

    [Fact]
    public void Rows_before_a_bad_one_are_judged() =>
        Assert.Equal(2, CommandRun.WithInput(Rows + "\n{}", "grade", "--input", "-").Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

    [Fact]
    public void A_missing_file_is_one_sentence() => Assert.Equal("no.jsonl: does not exist", CommandRun.Of("grade", "--input", "no.jsonl").FailedWith(3));
}
