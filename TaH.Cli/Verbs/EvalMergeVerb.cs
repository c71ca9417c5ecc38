using CommandLine.Text;

namespace TaH.Cli;

[Verb("eval merge", HelpText = "Join the shards of an evaluation.")]
internal sealed class EvalMergeVerb : Verb
{
    [Value(0, MetaName = "OUT PARTS", HelpText = "The directory to write, then the --out of each shard.")]
    public IEnumerable<string> Directories { get; init; } = [];

    [Option("json", HelpText = "Print one JSON object and nothing else on standard output.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples => [new("Join two parts", new EvalMergeVerb { Directories = ["whole", "part1", "part2"] })];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        string[] directories = [.. Directories];
        if (directories.Length < 2) throw new UsageException("which runs? tah eval merge OUT PART1 PART2 ..., where each part is the --out of a shard");
        var (samples, missing) = RunMerge.Run(directories[0], directories[1..]);
        EvaluationView.Show(terminal, samples, Json);
        terminal.Remark($"{directories[0]}: {Plural.Of(samples.Count, "sample")}");
        if (missing.Count > 0) terminal.Remark($"not among the parts: {(missing.Count == 1 ? "shard" : "shards")} {string.Join(", ", missing)}");
        return ExitCode.Success;
    }
}
