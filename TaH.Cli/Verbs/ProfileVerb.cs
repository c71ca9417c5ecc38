using CommandLine.Text;

namespace TaH.Cli;

[Verb("profile", HelpText = "Show where the time of prefill and decode goes, kernel by kernel.")]
internal sealed class ProfileVerb : MeasuringVerb
{
    [Value(0, MetaName = "PROMPT", HelpText = "Profile the answer to this question; the decider decides about second passes.")]
    public IEnumerable<string> Words { get; init; } = [];

    [Option("raw", MetaValue = "TEXT", HelpText = "The same with this text as it is, without the chat format.")]
    public string? Raw { get; init; }

    [Option("ids", MetaValue = "5,17,3", HelpText = "The same with these token ids, without the chat format.")]
    public string? Ids { get; init; }

    [Option('p', "n-prompt", MetaValue = "N", HelpText = "Prefill N random tokens. Without it, and without a prompt: none.")]
    public int? PromptLength { get; init; }

    [Option('n', "n-gen", MetaValue = "N", HelpText = "Decode N tokens. Without it: 16, or none with -p.")]
    public int? Tokens { get; init; }

    [Option('d', "n-depth", MetaValue = "N", HelpText = "Positions in the grid before. Without it: 0.")]
    public int? Depth { get; init; }

    [Option('b', "batch", MetaValue = "N", HelpText = "Sequences that run together. Without it: 1.")]
    public int? Batch { get; init; }

    [Option("continue-rate", MetaValue = "X", HelpText = "Share of tokens, 0 to 1, that take a second pass; they are spread evenly, and the decider is "
        + "computed all the same. Without it: 0, or what the decider says about a prompt. --policy or --threshold lets that decide.")]
    public double? ContinueRate { get; init; }

    [Option('r', "repetitions", MetaValue = "N", HelpText = "Timed runs without the profiler, beside the profiled one. Without it: 3.")]
    public int? Repetitions { get; init; }

    [Option("trace", MetaValue = "FILE", HelpText = "Write every launch to this file, for Perfetto or chrome://tracing.")]
    public string? TraceFile { get; init; }

    [Option("report", MetaValue = "FILE", HelpText = "Write a page to this file, with a roofline, a time line and tables; any browser shows it.")]
    public string? ReportFile { get; init; }

    [Option("json", HelpText = "One JSON object and nothing else on standard output.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("See where a token's time goes, and look at it in a browser", new ProfileVerb { Synthetic = "qwen3-0.6b", ReportFile = "profile.html" }),
        new("Profile the prefill of 512 tokens", new ProfileVerb { Synthetic = "qwen3-0.6b", PromptLength = 512 }),
        new("Find out what second passes cost in a long context",
            new ProfileVerb { Synthetic = "qwen3-1.7b", Depth = 8192, ContinueRate = 0.5, TraceFile = "trace.json" }),
        new("Profile an answer of the model that comes with the program", new ProfileVerb { Words = [PromptReader.Example], Tokens = 32 }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var (plan, prompt) = (Plan(), Prompt(terminal));
        if (prompt is null) plan.Validate();
        RefuseTwoModels();
        if (TraceFile is not null) OutputFile.Check("--trace", TraceFile);
        if (ReportFile is not null) OutputFile.Check("--report", ReportFile);
        using var loaded = Load(terminal);
        if (prompt is not null) plan = plan with { Prompt = prompt.Encode(loaded.Model) };
        if (Policy is not null || Threshold is not null || (prompt is not null && ContinueRate is null)) plan = plan with { Policy = loaded.Policy };
        var profiler = new ModelProfiler(loaded.Model, plan);
        profiler.Check();
        using var work = terminal.Interrupts.Begin();
        terminal.Remark("measuring the ceilings, then the model: to warm up, as it is, and profiled");
        var profile = profiler.Run(work.Token);
        if (Json) terminal.WriteLine(ProfileJson.Of(profile));
        else new ProfileSummary(profile, terminal, all: Verbose).Write();
        if (TraceFile is not null) Save(terminal, TraceFile, ChromeTrace.Of(profile), "open it at ui.perfetto.dev or chrome://tracing");
        if (ReportFile is not null) Save(terminal, ReportFile, ProfilePage.Of(profile), "open it in a browser");
        return ExitCode.Success;
    }

    private static void Save(Terminal terminal, string path, string text, string hint)
    {
        OutputFile.Write(path, text);
        terminal.Remark($"{path}: {hint}");
    }

    private ProfilePlan Plan()
    {
        RefuseTwoDeciders(ContinueRate is not null);
        var plan = new ProfilePlan();
        return plan with
        {
            PromptLength = PromptLength ?? 0,
            Tokens = Tokens ?? (PromptLength > 0 ? 0 : plan.Tokens),
            Depth = Depth ?? plan.Depth,
            Batch = Batch ?? plan.Batch,
            ContinueRate = ContinueRate ?? plan.ContinueRate,
            Repetitions = Repetitions ?? plan.Repetitions,
            Session = WithSettings(plan.Session),
        };
    }

    /// <summary>The prompt that the options give, or null.</summary>
    private Prompt? Prompt(Terminal terminal)
    {
        if (!Words.Any() && Raw is null && Ids is null) return null;
        if (PromptLength is not null) throw new UsageException("a prompt and -p are two prompts; give one");
        var chat = new ChatOptions(System: null, Think: true, AreGiven: false);
        return new PromptReader(terminal, chat) { Words = Words, Raw = Raw, Ids = Ids }.Read()[0];
    }
}
