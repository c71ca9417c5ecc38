using CommandLine.Text;

namespace TaH.Cli;

[Verb("grade", HelpText = "Judge answers against golds, as the reference grader does or as a careful person would.")]
internal sealed class GradeVerb : Verb
{
    [Option("input", MetaValue = "FILE", HelpText = "Read JSON lines {\"mode\":\"expr\"|\"latex\"|\"string\",\"gold\":...,\"output\":...}; - is standard "
        + "input. Each becomes a line {\"correct\":...,\"extracted\":...}.")]
    public string? Input { get; init; }

    [Option("grader", MetaValue = "NAME", HelpText = "official: what math-verify says where the authors' code calls it, oddities included. fair: "
        + "what a careful person would say. Without it: official.")]
    public string? Grader { get; init; }

    [Usage(ApplicationAlias = "tah")]
    public static IEnumerable<Example> Examples =>
    [
        new("Judge outputs so that scores compare with published ones", new GradeVerb { Input = "outputs.jsonl" }),
        new("Judge them as a person would", new GradeVerb { Input = "outputs.jsonl", Grader = "fair" }),
    ];

    /// <inheritdoc/>
    protected override int Run(Terminal terminal)
    {
        var choices = AnswerGraders.All.Select(choice => (choice.Name, choice)).ToArray();
        var grader = Grader is null ? AnswerGraders.Official : Choice.Of("--grader", Grader, choices);
        if (Input is null) throw new UsageException("--input is missing: the answers to judge; - is standard input");
        using var file = Input == "-" ? null : TextFile.Open(Input);
        using var verdicts = new GradeLines(grader).Run(file ?? terminal.In, Input).GetEnumerator();
        using var work = terminal.Interrupts.Begin();
        while (TextFile.Guard(Input, verdicts.MoveNext))
        {
            work.Token.ThrowIfCancellationRequested();
            terminal.WriteLine(Line(verdicts.Current));
        }
        return ExitCode.Success;
    }

    private static string Line(GradeVerdict verdict) => JsonLine.Write(json =>
    {
        json.WriteBoolean("correct", verdict.Correct);
        json.WriteString("extracted", verdict.Extracted);
    });
}
