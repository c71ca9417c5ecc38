using System.Text.Json;

namespace TaH.Tests;

public class TextAnalysisTests
{
    private const int Problems = 12;
    private static readonly DeviceSelector Cpu = new(DeviceKind.Cpu, 0);

    /// <summary>What the official code wrote greedily under a policy is, token by token, what that policy predicts, and no other.</summary>
    [Theory, InlineData("never", "never"), InlineData("always2", "always"), InlineData("decider", "decider")]
    public void An_answer_is_what_its_policy_predicts(string written, string policy)
    {
        var answers = Golden.TinyGreedy().Take(Problems).Select(problem => (problem.Prompt, Answer: problem.Answers[written])).ToArray();
        var result = Analyse([.. answers.Select(answer => (answer.Prompt, answer.Answer.Tokens))], hard: _ => false);
        Assert.Equal(["never", "always", "decider"], result.Policies.Select(each => each.Policy));
        Assert.Equal((Problems, answers.Sum(answer => answer.Answer.Tokens.Length - 1L)), (result.Rows, result.Tokens));
        Assert.Equal([policy], result.Policies.Where(each => each.Accuracy == 1).Select(each => each.Policy));
        var own = result.Policies.Single(each => each.Policy == policy);
        Assert.Equal(1, own.WholeRows);
        // The first count is of the prompt's last token, the last one of the token that chose the end.
        Assert.Equal(
            answers.SelectMany(answer => answer.Answer.Iterations.Take(answer.Answer.Tokens.Length).Skip(1)).Average(), own.AverageIterations, tolerance: 1e-9);
    }

    [Fact]
    public void With_labels_there_are_reference_and_oracle()
    {
        var rows = Golden.TinyGreedy().Take(2).Select(problem => (problem.Prompt, problem.Answers["never"].Tokens)).ToArray();
        var result = Analyse(rows, hard: token => token % 3 == 0);
        Assert.Equal(["reference", "never", "always", "oracle", "decider"], result.Policies.Select(each => each.Policy));
        var hard = rows.Sum(row => Enumerable.Range(0, row.Tokens.Length - 1).Count(token => token % 3 == 0));
        Assert.Equal(1 - (hard / (double)result.Tokens), result.Policies[0].Accuracy, tolerance: 1e-12);
        Assert.Equal(1 + (hard / (double)result.Tokens), result.Policies[3].AverageIterations, tolerance: 1e-12);
    }

    /// <summary>The teacher-forced table that was made by running the official code on the same problems.</summary>
    [Fact]
    public void The_table_of_the_official_code_comes_out()
    {
        (string Policy, double? Threshold, double Accuracy, double WholeRows, double Iterations, double Hard)[] official =
        [
            ("reference", null, 0.89925, 0.08, 1, 0), ("never", null, 0.94516, 0.18, 1, 0.47599), ("always", null, 0.89968, 0.005, 2, 0.68517),
            ("oracle", null, 0.96882, 0.295, 1.10075, 0.71078), ("decider", 0.5, 0.95376, 0.17, 1.13559, 0.70011), ("decider", 0.8, 0.95688, 0.19, 1.11323, 0.67663),
            ("decider", 0.9, 0.95710, 0.19, 1.09484, 0.64141), ("decider", 0.95, 0.95688, 0.195, 1.07817, 0.61900),
        ];
        var result = Analyse(HeldOut() with { Thresholds = [0.5, 0.8, 0.95] });
        Assert.Equal((200, 9300L), (result.Rows, result.Tokens));
        foreach (var (policy, threshold, accuracy, wholeRows, iterations, hard) in official)
        {
            var ours = result.Policies.Concat(result.Sweep).Single(each => each.Policy == policy && each.Threshold == threshold);
            Assert.Equal(accuracy, ours.Accuracy, tolerance: 0.002);
            Assert.Equal(wholeRows, ours.WholeRows, tolerance: 0.0051); // one row of 200
            Assert.Equal(iterations, ours.AverageIterations, tolerance: 0.002);
            Assert.Equal(hard, ours.HardAccuracy!.Value, tolerance: 0.003); // of 937 tokens
        }
        var oracle = result.Policies.Single(policy => policy.Policy == "oracle").Kinds;
        (string Kind, double Accuracy)[] kinds =
            [("chain", 0.97047), ("digits", 0.95833), ("lists", 0.99407), ("modular", 0.97094), ("product", 0.96951), ("variables", 0.94712)];
        Assert.Equal(kinds.Select(kind => kind.Kind), oracle.Keys);
        foreach (var (kind, accuracy) in kinds) Assert.Equal(accuracy, oracle[kind], tolerance: 0.0025); // of 480 tokens and more
    }

    [Fact]
    public void Its_parts_agree_with_each_other()
    {
        var result = Analyse(HeldOut() with { Rows = 20, Thresholds = [0.9], Texts = 20 });
        var (never, decider) = (result.Policies.Single(policy => policy.Policy == "never"), result.Policies.Single(policy => policy.Policy == "decider"));
        static PolicyAccuracy Plain(PolicyAccuracy policy) => policy with { Decisions = null, Cost = null, Kinds = new Dictionary<string, double>() };
        Assert.Equivalent(Plain(decider), Plain(result.Sweep.Single()));
        Assert.Equal(Math.Round(never.Accuracy * result.Tokens) + decider.Fixed - decider.Broken, Math.Round(decider.Accuracy * result.Tokens));
        var made = decider.Decisions!;
        Assert.Equal(result.Tokens, made.TruePositives + made.FalsePositives + made.FalseNegatives + made.TrueNegatives);
        Assert.Equal(decider.IteratedShare, (made.TruePositives + made.FalsePositives) / (double)result.Tokens, tolerance: 1e-12);
        var asked = result.Texts.SelectMany(text => text.Tokens).Where(token => token.First is not null).ToArray();
        Assert.Equal(result.Tokens, asked.Length);
        Assert.Equal(decider.IteratedShare, asked.Average(token => token.Iterations - 1.0), tolerance: 1e-12);
        Assert.Equal(decider.Accuracy, asked.Average(token => token.IsRight!.Value ? 1.0 : 0), tolerance: 1e-12);
        var entropy = result.Iterated!.Entropy;
        Assert.Equal(asked.Where(token => token.Iterations > 1).Average(token => token.Entropy!.Value), entropy.Iterated!.Value, tolerance: 1e-9);
        Assert.Equal(1, entropy.IteratedBins.Sum(), tolerance: 1e-9);
        Assert.All(result.Iterated.Changes, change => Assert.NotEqual(change.From, change.To));
    }

    [Fact]
    public void Cost_counts_every_pass()
    {
        var result = Analyse(HeldOut() with { Rows = 20, Thresholds = [] });
        var cost = result.Policies.Where(policy => policy.Cost is not null).ToDictionary(policy => policy.Policy, policy => policy.Cost!);
        // Keys and values of 6 layers, 2 heads of 64, in 2 bytes: 3,072 bytes an entry.
        Assert.Equal((3072.0, 6144.0), (cost["never"].KvBytes, cost["always"].KvBytes));
        Assert.InRange(cost["always"].Flops / cost["never"].Flops, 1.9, 2.3);
        Assert.InRange(cost["decider"].Flops, cost["never"].Flops, cost["always"].Flops);
        var measured = result.Measured!;
        // Requests run in the checkpoint's bf16, where a decision in a thousand falls otherwise.
        Assert.Equal(cost["decider"].KvBytes / 3072, measured.AverageIterations, tolerance: 0.02);
        Assert.InRange(measured.Pages, measured.PagesOfOnePass + 1, 2 * measured.PagesOfOnePass);
    }

    [Fact]
    public void A_text_without_answer_is_refused()
    {
        var error = Assert.Throws<BadFileException>(() => Analyse([([1, 2, 3], [4])], hard: _ => false));
        Assert.Contains("has no answer of two tokens or more", error.Message);
    }

    private static AnalysisRequest HeldOut() =>
        new() { Model = Golden.TinyModel, Data = Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "heldout-labelled.jsonl") };

    private static AnalysisResult Analyse(AnalysisRequest request) =>
        TextAnalysis.Run(request, Cpu, cancellation: TestContext.Current.CancellationToken);

    private static AnalysisResult Analyse((int[] Prompt, int[] Tokens)[] rows, Func<int, bool> hard)
    {
        using var directory = new TemporaryDirectory();
        var file = directory.At("rows.jsonl");
        File.WriteAllLines(file, rows.Select(row => JsonSerializer.Serialize(new Dictionary<string, int[]>
        {
            ["real_token"] = [.. row.Prompt, .. row.Tokens],
            ["mask"] = [.. row.Prompt.Select(_ => 0), .. row.Tokens.Select(_ => 1)],
            ["mismatch"] = [.. row.Prompt.Select(_ => 0), .. row.Tokens.Select((_, token) => hard(token) ? 1 : 0)],
        })));
        return Analyse(new AnalysisRequest { Model = Golden.TinyModel, Data = file });
    }
}
