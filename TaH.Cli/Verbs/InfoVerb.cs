using CommandLine.Text;

namespace TaH.Cli;

[Verb("info", HelpText = "Show what a checkpoint directory holds.")]
internal sealed class InfoVerb : Verb
{
    [Value(0, MetaName = "DIR", HelpText = "Checkpoint directory, or a hub name that was pulled before. "
        + "Without it: the model that comes with the program.")]
    public string? Model { get; init; }

    [Option("json", HelpText = "Print one JSON object.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples => [new("Look into a checkpoint", new InfoVerb { Model = "weights/tah-tiny" })];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        using var checkpoint = Checkpoint.Open(ModelPath.Find(Model, terminal));
        var summary = CheckpointSummary.Of(checkpoint);
        if (Json) terminal.WriteLine(CheckpointJson.Of(summary));
        else terminal.Out.Write(CheckpointTable.Of(summary));
        foreach (var note in summary.Notes) terminal.Remark("note: " + VisibleText.Of(note));
        return ExitCode.Success;
    }
}
