using CommandLine.Text;

namespace TaH.Cli;

[Verb("train report", HelpText = "Draw the curves of training runs on one page.")]
internal sealed class TrainReportVerb : Verb
{
    [Value(0, MetaName = "DIR", HelpText = "The --out of a run, finished or not; several are drawn over each other.")]
    public IEnumerable<string> Runs { get; init; } = [];

    [Option('o', "out", MetaValue = "FILE", HelpText = "The page to write; any browser shows it. Without it: report.html in the first DIR.")]
    public string? Out { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("See how a run went", new TrainReportVerb { Runs = ["stage1"] }),
        new("Compare two runs", new TrainReportVerb { Runs = ["with-lora", "without-lora"], Out = "compare.html" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        string[] directories = [.. Runs];
        if (directories.Length == 0) throw new UsageException("which run? tah train report DIR, where DIR is the --out of a run");
        if (Out is not null) OutputFile.Check("--out", Out);
        ReportedRun[] runs = [.. directories.Select(ReportedRun.Read)];
        var path = Out ?? Path.Combine(directories[0], "report.html");
        OutputFile.Write(path, TrainingReport.Of(runs));
        terminal.Remark($"{path}: {Plural.Of(runs.Sum(run => run.Metrics.Steps.Count), "step")}; open it in a browser");
        return ExitCode.Success;
    }
}
