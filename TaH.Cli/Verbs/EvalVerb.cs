using CommandLine.Text;

namespace TaH.Cli;

[Verb("eval", HelpText = "Solve benchmark problems and judge the answers; goes on where it was ended.")]
internal sealed class EvalVerb : SessionVerb
{
    [Option("tasks", MetaValue = "A,B", HelpText = "What to solve: gsm8k, math500, amc23, aime24, aime25, olympiadbench, gpqa_diamond, mmlu_stem, "
        + "humaneval, humaneval_plus, mbpp, mbpp_plus, or task files of one's own (.yaml).")]
    public string? Tasks { get; init; }

    [Option("data", MetaValue = "DIR", HelpText = "Where the problems are: gsm8k.jsonl and so on, JSON lines, JSON or Parquet, also with .gz. "
        + "Without it: the current directory; for a task file its own, too.")]
    public string? Data { get; init; }

    [Option('o', "out", MetaValue = "DIR", HelpText = "Where the results go; a run that is there is gone on from. Without it: eval/MODEL-TASKS.")]
    public string? Out { get; init; }

    [Option("samples", MetaValue = "N", HelpText = "Answers to each problem, for avg@N and pass@k. Without it: 1.")]
    public int? Samples { get; init; }

    [Option("batch", MetaValue = "N", HelpText = "Answers in flight. Without it: 16.")]
    public int? Batch { get; init; }

    [Option("limit", MetaValue = "N", HelpText = "The first N problems of each task only.")]
    public int? Limit { get; init; }

    [Option("shard", MetaValue = "i/n", HelpText = "Every n-th problem from the i-th on; tah eval merge joins the parts.")]
    public string? ShardText { get; init; }

    [Option('n', "max-new-tokens", MetaValue = "N", HelpText = "Tokens of an answer at most (also --max-tokens). Without it: the task's, 4,096.")]
    [AlsoNamed("max-tokens")]
    public int? MaxNewTokens { get; init; }

    [Option("temperature", MetaValue = "T", HelpText = "0 takes the most probable token every time (also --temp). Without it: the task's, 0.6.")]
    [AlsoNamed("temp")]
    public float? Temperature { get; init; }

    [Option("top-k", MetaValue = "K", HelpText = "Draw from the K most probable tokens; 0 for all. Without it: the task's, 20.")]
    public int? TopK { get; init; }

    [Option("top-p", MetaValue = "P", HelpText = "Draw from the most probable tokens that make up P together. Without it: the task's, 0.95.")]
    public float? TopP { get; init; }

    [Option('s', "seed", MetaValue = "N", HelpText = "What all draws depend on. Without it: 0.")]
    public long? Seed { get; init; }

    [Option("think", MetaValue = "on|off", HelpText = "Whether the model may think aloud. Without it: as the task says, on.")]
    public string? Think { get; init; }

    [Option('c', "ctx-size", MetaValue = "N", HelpText = "Positions that prompt and answer may take together. Without it: what they need.")]
    public int? CtxSize { get; init; }

    [Option("keep-tokens", HelpText = "Write the text and the decider's probability of every token into the results, too.")]
    public bool KeepTokens { get; init; }

    [Option("report", MetaValue = "FILE", HelpText = "Write a page to this file, with scores, curves and every sample; any browser shows it. With "
        + "--keep-tokens answers are heat maps of their passes.")]
    public string? ReportFile { get; init; }

    [Option("unsafe", HelpText = "Run programs that the model wrote even where nothing can isolate them.")]
    public bool Unsafe { get; init; }

    [Option("json", HelpText = "Print one JSON object and nothing else on standard output.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Solve the first 20 problems of GSM8K", new EvalVerb { Tasks = "gsm8k", Data = "benchmarks", Limit = 20 }),
        new("Four samples to each problem of two tasks, as the plain model",
            new EvalVerb { Tasks = "math500,amc23", Data = "benchmarks", Samples = 4, Policy = "never", Out = "plain" }),
        new("One of eight machines", new EvalVerb { Tasks = "gsm8k", Data = "benchmarks", ShardText = "3/8", Out = "part3" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var tasks = TaskNames.Resolve(Tasks ?? throw new UsageException("--tasks is missing: what to solve, as in --tasks gsm8k"));
        Validate();
        if (ReportFile is not null) OutputFile.Check("--report", ReportFile);
        var request = new EvaluationRequest
        {
            Tasks = [.. tasks.Select(WithSettings)],
            DataDirectory = Data,
            Output = Out ?? TaskNames.OutputFor(Model ?? ModelPath.Shipped, tasks, ShardText),
            Samples = Samples ?? 1,
            Seed = Seed ?? 0,
            Limit = Limit,
            Shard = ShardText is null ? null : Shard.Parse(ShardText),
            Batch = Batch ?? 16,
            Session = WithSettings(new SessionOptions()) with { ContextLimit = CtxSize },
            Unsafe = Unsafe,
            KeepsTokens = KeepTokens,
        };
        var plan = EvaluationPlan.Read(request);
        using var loaded = Load(terminal);
        plan = plan.With(loaded.Policy, loaded.MaxIter);
        using var work = terminal.Interrupts.Begin();
        var result = EvaluationBar.Show(terminal.Error, progress => EvaluationRun.Run(loaded.Model, plan, progress, work.Token));
        ExplainKernels(terminal, loaded);
        EvaluationView.Show(terminal, result.Samples, Json);
        if (ReportFile is not null) Report(terminal, loaded.Model.Name, request.Output, result.Samples);
        terminal.Remark(InWords(result, plan.SampleCount, request.Output));
        return work.IsInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    private void Report(Terminal terminal, string model, string directory, IReadOnlyList<EvaluationSample> samples)
    {
        OutputFile.Write(ReportFile!, EvaluationPage.Of(model, RunDirectory.ReadSettings(directory), samples));
        terminal.Remark($"{ReportFile}: open it in a browser");
    }

    private static string InWords(EvaluationResult result, int planned, string directory)
    {
        var done = result.Samples.Count;
        var all = done == planned ? Plural.Of(done, "sample") : FormattableString.Invariant($"{done:N0} of {Plural.Of(planned, "sample")}");
        var before = result.Resumed == 0 ? "" : FormattableString.Invariant($", {result.Resumed:N0} of them from before");
        return $"{directory}: {all}{before}{(done == planned ? "" : "; the same command goes on")}";
    }

    private EvaluationTask WithSettings(EvaluationTask task) => task with
    {
        MaxNewTokens = MaxNewTokens switch
        {
            null => task.MaxNewTokens,
            >= 1 => MaxNewTokens.Value,
            _ => throw new UsageException($"--max-new-tokens is 1 or more, not {MaxNewTokens}"),
        },
        Thinking = Think is null ? task.Thinking : OnOff.Parse("--think", Think),
        Sampling = task.Sampling with
        {
            Temperature = Temperature ?? task.Sampling.Temperature, TopK = TopK ?? task.Sampling.TopK, TopP = TopP ?? task.Sampling.TopP,
        },
    };
}
