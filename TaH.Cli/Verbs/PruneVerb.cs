using CommandLine.Text;

namespace TaH.Cli;

[Verb("prune", HelpText = "Remove the layers of a plain model whose removal raises its loss least.")]
internal sealed class PruneVerb : Verb
{
    [Option('m', "model", MetaValue = "DIR", HelpText = "The plain model: a checkpoint directory, or a name on the hub that was pulled before.")]
    public string? Model { get; init; }

    [Option("layers", MetaValue = "N", HelpText = "How many layers go, one after the other: each time the one whose removal raises the mean "
        + "cross-entropy of labelled tokens least, of those that are left.")]
    public int? Layers { get; init; }

    [Option("data", MetaValue = "FILE", HelpText = "Held-out rows to measure on, JSONL or Parquet, in any form that tah train reads.")]
    public string? Data { get; init; }

    [Option('o', "out", MetaValue = "DIR", HelpText = "Where the smaller model goes, with pruning.json; a directory that is empty or not there yet.")]
    public string? Output { get; init; }

    [Option("rows", MetaValue = "N", HelpText = "Rows to measure on, the first ones of the file. Without it: 128.")]
    public int? Rows { get; init; }

    [Option("max-length", MetaValue = "N", HelpText = "Tokens of a row; longer ones are cut. Without it: 4,096.")]
    public int? MaxLength { get; init; }

    [Option("at-once", HelpText = "Judge all layers against the whole model and remove the N best, as the official script does.")]
    public bool AtOnce { get; init; }

    [Option("device", MetaValue = "DEVICE", HelpText = "auto, cpu, opencl[:i] or cuda[:i]; tah devices lists them.")]
    public string? Device { get; init; }

    [Option("json", HelpText = "Write pruning.json on one line to standard output, and nothing else.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Remove one layer of a base model", new PruneVerb { Model = "base", Layers = 1, Data = "held-out.jsonl", Output = "pruned" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var device = DeviceOption.Parse(Device);
        var request = new PruneRequest
        {
            Model = Required("model", Model), Layers = Layers ?? throw new UsageException("--layers is missing: how many go"),
            Data = Required("data", Data), Output = Required("out", Output), AtOnce = AtOnce,
        };
        request = request with
        {
            Model = ModelPath.Find(request.Model, terminal), Rows = Rows ?? request.Rows, MaxLength = MaxLength ?? request.MaxLength,
        };
        using var work = terminal.Interrupts.Begin();
        var result = PruneBar.Show(terminal.Error, progress => LayerPruning.Run(request, device, progress, work.Token));
        if (Json) terminal.WriteLine(result.ToJson());
        else terminal.Out.Write(PruneTable.Of(result));
        terminal.Remark(InWords(result));
        return ExitCode.Success;
    }

    private string InWords(PruneResult result)
    {
        var gone = result.Removed.Count == 1 ? $"layer {result.Removed[0]} is" : $"layers {string.Join(", ", result.Removed)} are";
        return FormattableString.Invariant(
            $"{Output}: {gone} gone, {result.Kept.Count} stay; loss {result.Loss:F4} before, {result.PrunedLoss:F4} now, on {result.LabelledTokens:N0} tokens of {result.Rows:N0} rows");
    }

    private static string Required(string option, string? given) => given ?? throw new UsageException($"--{option} is missing");
}
