using System.Text.RegularExpressions;

namespace TaH.Tests;

public sealed partial class ProblemTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Kinds() => [.. ProblemSet.AllKinds];

    /// <summary>Every sum that a reasoning writes down is right, and its last number is the answer (but for lists, which may be one).</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void What_is_reasoned_is_true(string kind)
    {
        foreach (var problem in new ProblemSet { Seed = 3, Kinds = [kind] }.Training(2000))
        {
            Assert.Equal(kind, problem.Kind);
            foreach (Match sum in Sum().Matches(problem.Reasoning))
            {
                var (a, b, result) = (Number(sum, 1), Number(sum, 3), Number(sum, 4));
                var expected = sum.Groups[2].Value switch { "+" => a + b, "-" => a - b, "*" => a * b, "/" => a / b, _ => a % b };
                Assert.Equal(expected, result);
            }
            var isLarger = problem.Reasoning.EndsWith("is larger.", StringComparison.Ordinal);
            Assert.True(isLarger || problem.Reasoning.Contains($"{problem.Answer}.") || kind == "digits", problem.Reasoning);
        }
    }

    [Fact]
    public void Digits_are_worked_out_as_they_are_asked()
    {
        foreach (var problem in new ProblemSet { Seed = 4, Kinds = ["digits"] }.Training(2000))
        {
            var digit = 0;
            foreach (Match order in Order().Matches(problem.Question))
            {
                var number = Number(order, 2);
                digit = order.Groups[1].Value switch { "Take" => number, "Add" => digit + number, "Subtract" => digit - number, _ => digit * number };
                digit = ((digit % 10) + 10) % 10;
            }
            Assert.Equal($"{digit}", problem.Answer);
        }
    }

    [Fact]
    public void Kinds_have_their_shares_and_no_question_comes_twice()
    {
        var problems = new ProblemSet { Seed = 1 }.Training(50_000).ToList();
        Assert.Equal(50_000, problems.Select(problem => problem.Question).Distinct().Count());
        // Deviations are below 0.002.
        foreach (var kind in ProblemKind.All)
            Assert.Equal(kind.Share, problems.Count(problem => problem.Kind == kind.Name) / 50_000.0, tolerance: 0.01);
        Assert.Equal(1, ProblemKind.All.Sum(kind => kind.Share), 1e-12);
        Assert.Equal(problems.Take(100), new ProblemSet { Seed = 1 }.Training(100));
        Assert.NotEqual(problems[0], new ProblemSet { Seed = 2 }.Training(1).Single());
    }

    [Fact]
    public void Held_out_questions_are_never_trained_on()
    {
        var heldOut = new ProblemSet { Seed = 990001, Kinds = ["digits"] }.HeldOut(2000).Select(problem => problem.Question).ToHashSet();
        Assert.Equal(2000, heldOut.Count);
        Assert.All(heldOut, question => Assert.True(ProblemSet.IsHeldOut(question)));
        foreach (var seed in (long[])[1, 990001])
        {
            var training = new ProblemSet { Seed = seed, Kinds = ["digits"] }.Training(20_000);
            Assert.DoesNotContain(training, problem => heldOut.Contains(problem.Question));
        }
    }

    [Fact]
    public void Excluded_questions_do_not_come()
    {
        string[] excluded = [.. new ProblemSet { Seed = 5 }.Training(50).Select(problem => problem.Question)];
        var others = new ProblemSet { Seed = 5, Excluded = excluded }.Training(200).Select(problem => problem.Question);
        Assert.Empty(others.Intersect(excluded));
    }

    [Fact]
    public void Kinds_that_are_not_there_are_refused()
    {
        var error = Assert.Throws<UsageException>(() => new ProblemSet { Kinds = ["chains"] }.Training(1).ToList());
        Assert.Equal("there is no kind of problem 'chains'; there are chain, product, modular, variables, digits, lists", error.Message);
        Assert.Throws<UsageException>(() => new ProblemSet { Kinds = [] }.Training(1).ToList());
    }

    /// <summary>The official generator's prompt and response, for each of its wordings: the template of the shipped model makes them of our rows.</summary>
    [Fact]
    public void Rows_are_rendered_as_the_official_task_renders_them()
    {
        var tokenizer = Tokenizer.Open(Golden.TinyModel);
        var rows = new RowTokenizer("tiny", 576, tokenizer, ChatFormat.Open(Golden.TinyModel));
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "wordings.jsonl")))
        {
            var official = System.Text.Json.JsonDocument.Parse(line).RootElement;
            string Field(string name) => official.GetProperty(name).GetString()!;
            var problem = new Problem(Field("kind"), Field("question"), Field("reasoning"), Field("answer"));
            ProblemFile.Write(_directory.At("one"), [problem], null, Cancellation);
            var (tokens, mask, _) = rows.Encode(DataFile.Rows(_directory.At("one")).Single());
            Assert.Equal(Field("prompt") + Field("response"), tokenizer.Decode(tokens));
            Assert.Equal(Field("response"), tokenizer.Decode([.. tokens.Where((_, i) => mask[i])]));
            Assert.Equal(tokenizer.Encode(Field("prompt") + Field("response")), tokens);
        }
    }

    [Fact]
    public void A_file_that_is_broken_off_leaves_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        var problems = new ProblemSet().Training(5000).Select((problem, number) =>
        {
            if (number == 4000) cancellation.Cancel();
            return problem;
        });
        Assert.Throws<OperationCanceledException>(() => ProblemFile.Write(_directory.At("p"), problems, cancellation: cancellation.Token));
        Assert.Empty(Directory.GetFiles(_directory.Path));
        Assert.Throws<BadFileException>(() => ProblemFile.Write(_directory.At("no/such/p"), [], null, Cancellation));
        Assert.Equal(3, ProblemFile.Write(_directory.At("p"), new ProblemSet().Training(3), null, Cancellation));
        Assert.Equal(new ProblemSet().Training(3).Select(problem => problem.Question), ProblemFile.ReadQuestions(_directory.At("p")));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Dispose();

    private static int Number(Match match, int group) =>
        int.Parse(match.Groups[group].Value, System.Globalization.CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(\d+) (\+|-|\*|/|mod) (\d+) = (\d+)")]
    private static partial Regex Sum();

    [GeneratedRegex(@"(Take|Add|Subtract|Multiply by) (\d)")]
    private static partial Regex Order();
}
