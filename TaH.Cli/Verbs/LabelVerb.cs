using CommandLine.Text;

namespace TaH.Cli;

[Verb("label", HelpText = "Find the tokens of data that a model misses: labels to train a second pass with.")]
internal sealed class LabelVerb : Verb
{
    [Option('m', "model", MetaValue = "DIR", HelpText = "The reference model, run with one pass a token: a checkpoint directory, or a name on the "
        + "hub that was pulled before. Without it: the small model that comes with the program.")]
    public string? Model { get; init; }

    [Option("data", MetaValue = "FILE", HelpText = "Rows to label, JSON lines or Parquet: messages; prompt and response; text; or real_token "
        + "and mask.")]
    public string? Data { get; init; }

    [Option('o', "out", MetaValue = "FILE", HelpText = "The file to write, Parquet if its name ends with .parquet, else JSON lines: data_id, "
        + "real_text, real_token, mask, mismatch.")]
    public string? Out { get; init; }

    [Option("entropy", HelpText = "Write the entropy of each prediction, too, in nats.")]
    public bool Entropy { get; init; }

    [Option("cross-entropy", HelpText = "Write how unexpected each next token is, too, in nats.")]
    public bool CrossEntropy { get; init; }

    [Option("batch-tokens", MetaValue = "N", HelpText = "Tokens of a pass, 1 to 4,096. Without it: what suits device and model.")]
    public int? BatchTokens { get; init; }

    [Option("limit", MetaValue = "N", HelpText = "Label the first N rows only.")]
    public long? Limit { get; init; }

    [Option("device", MetaValue = "DEVICE", HelpText = "auto, cpu, opencl[:i] or cuda[:i]; tah devices lists them.")]
    public string? Device { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Label conversations", new LabelVerb { Model = "base", Data = "train.jsonl", Out = "labelled.parquet" }),
        new("Label the first thousand rows, with entropies",
            new LabelVerb { Data = "train.jsonl", Out = "labelled.jsonl", Entropy = true, Limit = 1000 }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var device = DeviceOption.Parse(Device);
        if (Data is null) throw new UsageException("--data is missing: the rows to label");
        if (Out is null) throw new UsageException("--out is missing: the file to write");
        if (Limit < 1) throw new UsageException($"--limit is 1 or more, not {Limit}");
        OutputFile.Check("--out", Out);
        if (Path.GetFullPath(Data) == Path.GetFullPath(Out)) throw new UsageException("--out would replace the data; name another file");
        using var model = TahModel.Load(ModelPath.Find(Model, terminal), new ModelOptions { Device = device });
        terminal.Remark($"device: {model.Device.Info.Selector} ({model.Device.Info.Name})");
        var request = new LabelRequest
        {
            Data = Data, Output = Out, Entropy = Entropy, CrossEntropy = CrossEntropy, BatchTokens = BatchTokens, Limit = Limit,
        };
        using var work = terminal.Interrupts.Begin();
        terminal.Remark(InWords(LabelBar.Show(terminal.Error, progress => DataLabeller.Run(model, request, progress, work.Token))));
        return ExitCode.Success;
    }

    private string InWords(LabelSummary summary)
    {
        var share = summary.Supervised == 0 ? 0 : 100.0 * summary.Hard / summary.Supervised;
        var line = FormattableString.Invariant($"{Out}: {summary.Rows - summary.Skipped:N0} rows, {summary.Tokens:N0} tokens, ")
            + FormattableString.Invariant($"{summary.Supervised:N0} supervised, of which {summary.Hard:N0} are hard ({share:F2} %)");
        if (summary.Skipped == 0) return line;
        return line + FormattableString.Invariant($"; {summary.Skipped:N0} rows skipped: empty, or too long for the model");
    }
}
