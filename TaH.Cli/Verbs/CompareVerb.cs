using CommandLine.Text;

namespace TaH.Cli;

[Verb("compare", HelpText = "Compare two evaluations problem by problem.")]
internal sealed class CompareVerb : Verb
{
    [Value(0, MetaName = "A", HelpText = "A file of samples, or the --out of an evaluation.")]
    public string? First { get; init; }

    [Value(1, MetaName = "B", HelpText = "Another one, over the same problems.")]
    public string? Second { get; init; }

    [Option("json", HelpText = "Print one JSON object and nothing else on standard output.")]
    public bool Json { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
        [new("What the second pass gains", new CompareVerb { First = "plain/samples.jsonl", Second = "tah/samples.jsonl" })];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        if (First is null || Second is null) throw new UsageException("which two? tah compare A.jsonl B.jsonl");
        var comparison = RunComparison.Of(SampleLines.Read(First), SampleLines.Read(Second));
        if (Json) terminal.WriteLine(ComparisonView.Json(First, Second, comparison));
        else ComparisonView.Show(terminal, First, Second, comparison);
        return ExitCode.Success;
    }
}
