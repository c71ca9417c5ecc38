using CommandLine.Text;
using TaH.Kernels;

namespace TaH.Cli;

[Verb("bench", HelpText = "Measure prefill and decode, and the share of the device's ceilings that they reach.")]
internal sealed class BenchVerb : MeasuringVerb
{
    private const string WholeNumbers = "whole numbers with commas between them, as in 512,2048";

    [Option('p', "n-prompt", MetaValue = "N,N", HelpText = "Prefill prompts of N tokens; 0 for none. Without it: 512.")]
    public string? Prompts { get; init; }

    [Option('n', "n-gen", MetaValue = "N,N", HelpText = "Decode N tokens; 0 for none. Without it: 128.")]
    public string? Generations { get; init; }

    [Option('d', "n-depth", MetaValue = "N,N", HelpText = "Positions in the grid before each test. Without it: 0.")]
    public string? Depths { get; init; }

    [Option('b', "batch", MetaValue = "N,N", HelpText = "Sequences that run together. Without it: 1.")]
    public string? Batches { get; init; }

    [Option("continue-rate", MetaValue = "X,X", HelpText = "Share of tokens, 0 to 1, that take a second pass; they are spread evenly, and the "
        + "decider is computed all the same. Without it: 0. --policy or --threshold instead lets that decide; never leaves the decider out, too.")]
    public string? ContinueRates { get; init; }

    [Option("overlap", HelpText = "Guess the token behind a hard one, and run it beside the hard one's second pass.")]
    public bool Overlap { get; init; }

    [Option("held-rate", MetaValue = "X", HelpText = "With --overlap: share of guesses, 0 to 1, that hold, spread evenly, whatever is drawn. "
        + "Without it: those that are right, which random weights leave next to no chance.")]
    public double? HeldRate { get; init; }

    [Option('r', "repetitions", MetaValue = "N", HelpText = "Timed runs of each test, once it is warm. Without it: 5.")]
    public int? Repetitions { get; init; }

    [Option('o', "output", MetaValue = "FORMAT", HelpText = "md (without it), json or csv.")]
    public string? Output { get; init; }

    [Option("json", HelpText = "The same as -o json: one JSON object and nothing else on standard output.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Measure this machine with the shape of Qwen3-0.6B", new BenchVerb { Synthetic = "qwen3-0.6b" }),
        new("Find out what second passes cost, in an empty context and in a long one",
            new BenchVerb { Synthetic = "qwen3-1.7b", Prompts = "0", Depths = "0,8192", ContinueRates = "0,0.07,1" }),
        new("Measure a checkpoint for a script", new BenchVerb { Model = "weights/tah-tiny", Batches = "1,8,32", Json = true }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var (plan, format) = (Plan(), Format());
        plan.Validate();
        RefuseTwoModels();
        using var loaded = Load(terminal);
        if (Policy is not null || Threshold is not null) plan = plan with { Policy = loaded.Policy };
        var benchmark = new Benchmark(loaded.Model, plan);
        using var work = terminal.Interrupts.Begin();
        terminal.Remark("measuring the ceilings, before and after");
        var ceilings = DeviceCeilings.Measure(loaded.Model.Device);
        var rows = new List<BenchmarkRow>();
        foreach (var row in benchmark.Run(work.Token))
        {
            rows.Add(row);
            terminal.Remark(Progress(rows.Count, plan.RowCount, row));
        }
        if (!work.IsInterrupted) ceilings = ceilings.BestOf(DeviceCeilings.Measure(loaded.Model.Device));
        var report = new BenchReport(loaded.Model.Name, loaded.WeightType, loaded.Model.Device.Info, ceilings, rows);
        terminal.WriteLine(format switch
        {
            BenchFormat.Json => BenchJson.Of(report),
            BenchFormat.Csv => BenchCsv.Of(report),
            _ => BenchMarkdown.Of(report),
        });
        return work.IsInterrupted ? ExitCode.Interrupted : ExitCode.Success;
    }

    private BenchmarkPlan Plan()
    {
        RefuseTwoDeciders(ContinueRates is not null);
        RefuseLoneHeldRate();
        var plan = new BenchmarkPlan();
        return plan with
        {
            Prompts = Tests("-p", Prompts) ?? plan.Prompts,
            Generations = Tests("-n", Generations) ?? plan.Generations,
            Depths = Depths is null ? plan.Depths : NumberList.Parse<int>("-d", Depths, WholeNumbers),
            Batches = Batches is null ? plan.Batches : NumberList.Parse<int>("-b", Batches, WholeNumbers),
            ContinueRates = ContinueRates is null
                ? plan.ContinueRates
                : NumberList.Parse<double>("--continue-rate", ContinueRates, "numbers with commas between them, as in 0,0.07,1"),
            Repetitions = Repetitions ?? plan.Repetitions,
            Overlap = Overlap,
            HeldRate = HeldRate,
            Session = WithSettings(plan.Session),
        };
    }

    private void RefuseLoneHeldRate()
    {
        if (HeldRate is null) return;
        if (!Overlap) throw new UsageException("--held-rate says which guesses hold, and only --overlap makes guesses; give both");
        if (Policy is not null || Threshold is not null)
            throw new UsageException($"--held-rate forces guesses beside --continue-rate, not beside --{(Policy is null ? "threshold" : "policy")}");
    }

    /// <summary>Test sizes; null where the option is not there, none where it says 0.</summary>
    private static IReadOnlyList<int>? Tests(string option, string? given) =>
        given is null ? null : given == "0" ? [] : NumberList.Parse<int>(option, given, WholeNumbers);

    private BenchFormat Format()
    {
        if (Json && Output is not (null or "json")) throw new UsageException($"--json and -o {Output} are two formats; give one");
        return Json
            ? BenchFormat.Json
            : Choice.Of("-o", Output ?? "md", ("md", BenchFormat.Markdown), ("json", BenchFormat.Json), ("csv", BenchFormat.Csv));
    }

    private static string Progress(int number, int of, BenchmarkRow row)
    {
        var test = $"[{number}/{of}] {row.Test.Name}, batch {row.Batch}";
        FormattableString line = $"{test}, continue rate {row.ContinueRate:0.####}: {row.TokensPerSecond:N1} tokens/s";
        return FormattableString.Invariant(line);
    }
}
