using CommandLine.Text;

namespace TaH.Cli;

[Verb("analyze", HelpText = "Show which tokens of given text iterate, what that changes, and what a decider gains.")]
internal sealed class AnalyzeVerb : Verb
{
    [Option('m', "model", MetaValue = "DIR", HelpText = "A checkpoint directory, or a name on the hub that was pulled before.")]
    public string? Model { get; init; }

    [Option("data", MetaValue = "FILE", HelpText = "Rows of text, JSONL or Parquet, in any form that tah train reads. With the labels of tah label the "
        + "oracle is among the policies, and decisions are compared with them.")]
    public string? Data { get; init; }

    [Option("rows", MetaValue = "N", HelpText = "The first rows of the file only.")]
    public int? Rows { get; init; }

    [Option("max-length", MetaValue = "N", HelpText = "Tokens of a row; longer ones are cut. Without it: 4,096.")]
    public int? MaxLength { get; init; }

    [Option("thresholds", MetaValue = "0.5,0.9", HelpText = "Thresholds of the decider to try beside the model's own. Without it: 0.1 to 0.9, 0.95, 0.99.")]
    public string? Thresholds { get; init; }

    [Option("texts", MetaValue = "N", HelpText = "Rows that --report and --json show token by token. Without it: 8.")]
    public int? Texts { get; init; }

    [Option("report", MetaValue = "FILE", HelpText = "Write a page to this file, with curves, tables and the text as a heat map; any browser shows it.")]
    public string? ReportFile { get; init; }

    [Option("device", MetaValue = "DEVICE", HelpText = "auto, cpu, opencl[:i] or cuda[:i]; tah devices lists them.")]
    public string? Device { get; init; }

    [Option("json", HelpText = "Write one JSON object to standard output, and nothing else.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("What the decider gains on held-out rows", new AnalyzeVerb { Model = "weights/tah-tiny", Data = "held-out.jsonl" }),
        new("The same as a page", new AnalyzeVerb { Model = "weights/tah-tiny", Data = "held-out.jsonl", ReportFile = "analysis.html" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var device = DeviceOption.Parse(Device);
        if (ReportFile is not null) OutputFile.Check("--report", ReportFile);
        var request = Request(terminal);
        using var work = terminal.Interrupts.Begin();
        var result = AnalysisBar.Show(terminal.Error, progress => TextAnalysis.Run(request, device, progress, work.Token));
        if (Json) terminal.WriteLine(AnalysisJson.Of(result));
        else new AnalysisTables(result).Write(terminal);
        if (ReportFile is null) return ExitCode.Success;
        OutputFile.Write(ReportFile, AnalysisPage.Of(result));
        terminal.Remark($"{ReportFile}: open it in a browser");
        return ExitCode.Success;
    }

    private AnalysisRequest Request(Terminal terminal)
    {
        var request = new AnalysisRequest
        {
            Model = ModelPath.Find(Model ?? throw new UsageException("--model is missing"), terminal),
            Data = Data ?? throw new UsageException("--data is missing"), Rows = Rows,
        };
        return request with
        {
            MaxLength = MaxLength ?? request.MaxLength, Texts = Texts ?? request.Texts,
            Thresholds = Thresholds is null ? request.Thresholds : NumberList.Parse<double>("--thresholds", Thresholds, "numbers like 0.5,0.9"),
        };
    }
}
