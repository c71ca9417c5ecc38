using System.Text.Json;

namespace TaH.Tests;

public class PolicyAnalysisTests
{
    private const int Problems = 12;

    /// <summary>What the official code wrote greedily under a policy is, token by token, what that policy predicts, and no other.</summary>
    [Theory, InlineData("never", "never"), InlineData("always2", "always"), InlineData("decider", "decider")]
    public void An_answer_is_what_its_policy_predicts(string written, string policy)
    {
        var answers = Golden.TinyGreedy().Take(Problems).Select(problem => (problem.Prompt, Answer: problem.Answers[written])).ToArray();
        var table = Analyse([.. answers.Select(answer => (answer.Prompt, answer.Answer.Tokens))], hard: _ => false);
        Assert.Equal(["never", "always", "decider"], table.Policies.Select(each => each.Policy));
        Assert.Equal((Problems, answers.Sum(answer => (long)answer.Answer.Tokens.Length)), (table.Rows, table.LabelledTokens));
        Assert.Equal([policy], table.Policies.Where(each => each.Accuracy == 1).Select(each => each.Policy));
        var own = table.Policies.Single(each => each.Policy == policy);
        Assert.Equal(1, own.WholeRows);
        // An answer's last count is of the token that chose the end, which is not in the row.
        Assert.Equal(answers.SelectMany(answer => answer.Answer.Iterations.Take(answer.Answer.Tokens.Length)).Average(), own.AverageIterations, tolerance: 1e-9);
    }

    [Fact]
    public void With_labels_the_oracle_is_among_the_policies()
    {
        var rows = Golden.TinyGreedy().Take(2).Select(problem => (problem.Prompt, problem.Answers["never"].Tokens)).ToArray();
        var table = Analyse(rows, hard: token => token % 3 == 0);
        Assert.Equal(["never", "always", "oracle", "decider"], table.Policies.Select(each => each.Policy));
        var third = rows.Average(row => (row.Tokens.Length + 2) / 3 / (double)row.Tokens.Length);
        Assert.Equal(1 + third, table.Policies[2].AverageIterations, tolerance: 0.02);
    }

    private static PolicyTable Analyse((int[] Prompt, int[] Tokens)[] rows, Func<int, bool> hard)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.At("rows.jsonl");
        File.WriteAllLines(file, rows.Select(row => JsonSerializer.Serialize(new Dictionary<string, int[]>
        {
            ["real_token"] = [.. row.Prompt, .. row.Tokens],
            ["mask"] = [.. row.Prompt.Select(_ => 0), .. row.Tokens.Select(_ => 1)],
            ["mismatch"] = [.. row.Prompt.Select(_ => 0), .. row.Tokens.Select((_, token) => hard(token) ? 1 : 0)],
        })));
        return PolicyAnalysis.Run(new AnalysisRequest { Model = Golden.TinyModel, Data = file }, new DeviceSelector(DeviceKind.Cpu, 0));
    }
}
