using CommandLine.Text;

namespace TaH.Cli;

[Verb("data", HelpText = "Make data to train on: problems with reasoning and answers.")]
internal sealed class DataVerb : Verb
{
    private const string Generate = "generate";
    private const long DefaultHeldOutSeed = 990001;
    private const int DefaultHeldOut = 200;

    [Value(0, MetaName = "ACTION", HelpText = "generate: write problems of the synthetic reasoning task as JSON lines.")]
    public string? Action { get; init; }

    [Option('o', "out", MetaValue = "FILE", HelpText = "The file to write: lines with kind, question, reasoning, answer and messages.")]
    public string? Out { get; init; }

    [Option("count", MetaValue = "N", HelpText = "How many problems.")]
    public int? Count { get; init; }

    [Option("seed", MetaValue = "S", HelpText = "What the problems depend on. Without it: 1.")]
    public long? Seed { get; init; }

    [Option("kinds", MetaValue = "A,B", HelpText = "Kinds of problem, of chain, product, modular, variables, digits, lists. Without it: all.")]
    public string? Kinds { get; init; }

    [Option("held-out-file", MetaValue = "FILE", HelpText = "Write held-out problems, too. No training file ever has one of their questions, "
        + "whatever its seed and size.")]
    public string? HeldOutFile { get; init; }

    [Option("held-out", MetaValue = "N", HelpText = "How many held-out problems. Without it: 200.")]
    public int? HeldOut { get; init; }

    [Option("held-out-seed", MetaValue = "S", HelpText = "What the held-out problems depend on. Without it: 990001.")]
    public long? HeldOutSeed { get; init; }

    [Option("exclude", MetaValue = "FILE", HelpText = "Problems (JSON lines with a question) whose questions must not come; may be repeated.")]
    public IEnumerable<string> Exclude { get; init; } = [];

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Write problems to train on", new DataVerb { Action = Generate, Out = "train.jsonl", Count = 500_000 }),
        new("Write problems of two kinds, and some to test with",
            new DataVerb { Action = Generate, Out = "train.jsonl", Count = 10_000, Kinds = "chain,digits", HeldOutFile = "test.jsonl" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        Check();
        using var work = terminal.Interrupts.Begin();
        string[] kinds = Kinds is null ? [.. ProblemSet.AllKinds] : Kinds.Split(',', StringSplitOptions.TrimEntries);
        var problems = new ProblemSet { Seed = Seed ?? 1, Kinds = kinds, Excluded = [.. Exclude.SelectMany(ProblemFile.ReadQuestions)] };
        if (HeldOutFile is not null)
        {
            var heldOut = problems with { Seed = HeldOutSeed ?? DefaultHeldOutSeed };
            Write(terminal, HeldOutFile, heldOut.HeldOut(HeldOut ?? DefaultHeldOut), "held-out problem", work.Token);
        }
        Write(terminal, Out!, problems.Training(Count!.Value), "problem", work.Token);
        return ExitCode.Success;
    }

    private static void Write(Terminal terminal, string path, IEnumerable<Problem> problems, string noun, CancellationToken cancellation)
    {
        var kinds = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var written = ProblemFile.Write(path, problems.Select(Counted), cancellation: cancellation);
        var shares = kinds.Select(kind => FormattableString.Invariant($"{kind.Key} {kind.Value:N0}"));
        terminal.Remark($"{path}: {Plural.Of(written, noun)} ({string.Join(", ", shares)})");

        Problem Counted(Problem problem)
        {
            kinds[problem.Kind] = kinds.GetValueOrDefault(problem.Kind) + 1;
            return problem;
        }
    }

    private void Check()
    {
        if (Action is null) throw new UsageException($"what is to be done with data? tah data {Generate} --out FILE --count N");
        if (Action != Generate) throw new UsageException($"there is no tah data {Action}{NearestName.Question(Action, [Generate])}");
        if (Out is null) throw new UsageException("--out is missing: the file to write");
        if (Count is null) throw new UsageException("--count is missing: how many problems");
        if (Count < 1) throw new UsageException($"--count is 1 or more, not {Count}");
        if (HeldOut < 1) throw new UsageException($"--held-out is 1 or more, not {HeldOut}");
        if (HeldOutFile is null && (HeldOut ?? HeldOutSeed) is not null) throw new UsageException("held-out problems need --held-out-file, too");
        OutputFile.Check("--out", Out);
        if (HeldOutFile is null) return;
        OutputFile.Check("--held-out-file", HeldOutFile);
        if (Path.GetFullPath(HeldOutFile) == Path.GetFullPath(Out)) throw new UsageException("--out and --held-out-file are the same file");
    }
}
