using CommandLine.Text;

namespace TaH.Cli;

[Verb("pull", HelpText = "Bring a model from the Hugging Face hub, so that --model finds it by name.")]
internal sealed class PullVerb : Verb
{
    [Value(0, MetaName = "NAME", HelpText = "The model: owner/name or owner/name@revision.")]
    public string? Name { get; init; }

    [Option("revision", MetaValue = "REV", HelpText = "Branch, tag or commit. Without it: main.")]
    public string? Revision { get; init; }

    [Option("parallel", MetaValue = "N", HelpText = "Files that are downloaded at a time. Without it: 4.")]
    public int? Parallel { get; init; }

    [Option("json", HelpText = "Print {\"directory\",\"commit\",\"files\",\"downloaded_bytes\"} in the end.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Bring the released 1.7B model (HF_ENDPOINT, HF_TOKEN and HF_HOME are obeyed)", new PullVerb { Name = "nics-efc/TaH-plus-1.7B" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        if (Name is null) throw new UsageException("which model? give its name on the hub, as in tah pull nics-efc/TaH-plus-1.7B");
        if (Revision is not null && Name.Contains('@')) throw new UsageException($"{Name} names a revision already; leave --revision out");
        if (Parallel is < 1 or > 64) throw new UsageException($"--parallel is 1 to 64, not {Parallel}");
        var model = HubModelName.Parse(Revision is null ? Name : $"{Name}@{Revision}");
        var options = terminal.Hub.Options();
        using var hub = terminal.Hub.Open(Parallel is { } parallel ? options with { ParallelFiles = parallel } : options);
        using var work = terminal.Interrupts.Begin();
        var result = PullBars.Show(terminal.Error, progress => hub.PullAsync(model, progress, work.Token));
        terminal.Remark($"{model} at {result.Commit[..Math.Min(12, result.Commit.Length)]}: {Size.Of(result.DownloadedBytes)} downloaded");
        terminal.WriteLine(Json ? Report(result) : result.Directory);
        return ExitCode.Success;
    }

    private static string Report(PullResult result) => JsonLine.Write(json =>
    {
        json.WriteString("directory", result.Directory);
        json.WriteString("commit", result.Commit);
        json.WriteStartArray("files");
        foreach (var file in result.Files) json.WriteStringValue(file);
        json.WriteEndArray();
        json.WriteNumber("downloaded_bytes", result.DownloadedBytes);
    });
}
