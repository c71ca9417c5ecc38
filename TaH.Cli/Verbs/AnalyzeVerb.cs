using System.Text.Json;
using CommandLine.Text;

namespace TaH.Cli;

[Verb("analyze", HelpText = "Compare never, always, oracle and decider on given text, token by token.")]
internal sealed class AnalyzeVerb : Verb
{
    [Option('m', "model", MetaValue = "DIR", HelpText = "A checkpoint directory, or a name on the hub that was pulled before.")]
    public string? Model { get; init; }

    [Option("data", MetaValue = "FILE", HelpText = "Rows of text, JSONL or Parquet, in any form that tah train reads. With the labels of tah label the "
        + "oracle is among the policies.")]
    public string? Data { get; init; }

    [Option("rows", MetaValue = "N", HelpText = "The first rows of the file only.")]
    public int? Rows { get; init; }

    [Option("max-length", MetaValue = "N", HelpText = "Tokens of a row; longer ones are cut. Without it: 4,096.")]
    public int? MaxLength { get; init; }

    [Option("device", MetaValue = "DEVICE", HelpText = "auto, cpu, opencl[:i] or cuda[:i]; tah devices lists them.")]
    public string? Device { get; init; }

    [Option("json", HelpText = "Write one JSON object to standard output, and nothing else.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
        [new("What the decider gains on held-out rows", new AnalyzeVerb { Model = "weights/tah-tiny", Data = "held-out.jsonl" })];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var device = DeviceOption.Parse(Device);
        var request = new AnalysisRequest
        {
            Model = ModelPath.Find(Model ?? throw new UsageException("--model is missing"), terminal),
            Data = Data ?? throw new UsageException("--data is missing"), Rows = Rows,
        };
        using var work = terminal.Interrupts.Begin();
        var table = PolicyAnalysis.Run(request with { MaxLength = MaxLength ?? request.MaxLength }, device, work.Token);
        if (Json) terminal.WriteLine(JsonSerializer.Serialize(table, PolicyTableView.Json));
        else terminal.Out.Write(PolicyTableView.Of(table));
        return ExitCode.Success;
    }
}
