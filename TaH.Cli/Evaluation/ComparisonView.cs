using System.Text.Json;

namespace TaH.Cli;

/// <summary>Shows how two runs differ.</summary>
internal static class ComparisonView
{
    private const int MostProblems = 20;
    private const string Interval = "95 % percentile bootstrap over problems, pairs kept, 10,000 resamples";

    /// <summary>A table with a line for each kind of verdict, then the problems that only one solves.</summary>
    public static void Show(Terminal terminal, string first, string second, RunComparison comparison)
    {
        var table = new Table().SimpleBorder().AddColumn("verdict");
        foreach (var head in (string[])["A right", "B right", "B - A", "95 % interval", "both", "only A", "only B", "neither", "McNemar p"])
            table.AddColumn(new TableColumn(head).RightAligned());
        foreach (var (name, verdicts) in Verdicts(comparison)) table.AddRow(RowOf(name, verdicts).Select(text => new Text(text)));
        terminal.Out.Write(table);
        terminal.WriteLine($"A: {first}");
        terminal.WriteLine($"B: {second}");
        terminal.WriteLine($"{Plural.Of(comparison.Problems, "problem")} in both; the interval is the {Interval}; solved: more than half of the samples right");
        if (comparison.Unpaired > 0) terminal.WriteLine($"{Plural.Of(comparison.Unpaired, "problem")} in one run only, left out");
        WriteProblems(terminal, "only A solves (fair)", comparison.Fair.OnlyFirst);
        WriteProblems(terminal, "only B solves (fair)", comparison.Fair.OnlySecond);
    }

    /// <summary>The same as one JSON object, with all problems.</summary>
    public static string Json(string first, string second, RunComparison comparison) => JsonLine.Write(json =>
    {
        json.WriteString("a", first);
        json.WriteString("b", second);
        json.WriteNumber("problems", comparison.Problems);
        json.WriteNumber("unpaired", comparison.Unpaired);
        json.WriteString("interval", Interval);
        foreach (var (name, verdicts) in Verdicts(comparison)) Write(json, name, verdicts);
    });

    private static (string Name, VerdictComparison Verdicts)[] Verdicts(RunComparison comparison) =>
        [("official", comparison.Official), ("fair", comparison.Fair)];

    private static IEnumerable<string> RowOf(string name, VerdictComparison verdicts) =>
    [
        name, Number($"{100 * verdicts.First:F1} %"), Number($"{100 * verdicts.Second:F1} %"), Number($"{100 * verdicts.Difference:+0.0;-0.0;0.0} %"),
        Number($"{100 * verdicts.Low:+0.0;-0.0;0.0} to {100 * verdicts.High:+0.0;-0.0;0.0} %"), Number($"{verdicts.Both:N0}"),
        Number($"{verdicts.OnlyFirst.Count:N0}"), Number($"{verdicts.OnlySecond.Count:N0}"), Number($"{verdicts.Neither:N0}"),
        Number($"{verdicts.McNemar:F4}"),
    ];

    private static string Number(FormattableString text) => FormattableString.Invariant(text);

    private static void WriteProblems(Terminal terminal, string title, IReadOnlyList<PairedProblem> problems)
    {
        if (problems.Count == 0) return;
        var rest = problems.Count > MostProblems ? FormattableString.Invariant($" and {problems.Count - MostProblems:N0} more (--json has all)") : "";
        terminal.WriteLine($"{title}: {string.Join(", ", problems.Take(MostProblems).Select(problem => problem.Id))}{rest}");
    }

    private static void Write(Utf8JsonWriter json, string name, VerdictComparison verdicts)
    {
        json.WriteStartObject(name);
        json.WriteNumber("a", verdicts.First);
        json.WriteNumber("b", verdicts.Second);
        json.WriteNumber("difference", verdicts.Difference);
        json.WriteNumber("low", verdicts.Low);
        json.WriteNumber("high", verdicts.High);
        json.WriteNumber("both", verdicts.Both);
        json.WriteNumber("neither", verdicts.Neither);
        json.WriteNumber("mcnemar_p", verdicts.McNemar);
        Write(json, "only_a", verdicts.OnlyFirst);
        Write(json, "only_b", verdicts.OnlySecond);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<PairedProblem> problems)
    {
        json.WriteStartArray(name);
        foreach (var problem in problems)
        {
            json.WriteStartObject();
            json.WriteString("task", problem.Task);
            json.WriteString("id", problem.Id);
            json.WriteNumber("a", problem.First);
            json.WriteNumber("b", problem.Second);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
