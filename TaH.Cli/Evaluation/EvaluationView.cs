using System.Text.Json;

namespace TaH.Cli;

/// <summary>Shows what samples come to.</summary>
internal static class EvaluationView
{
    /// <summary>A table with a line for each task, or one JSON object.</summary>
    public static void Show(Terminal terminal, IReadOnlyList<EvaluationSample> samples, bool asJson)
    {
        var scores = EvaluationScores.Of(samples);
        if (asJson) terminal.WriteLine(JsonLine.Write(json => WriteTasks(json, scores)));
        else if (scores.Count > 0) terminal.Out.Write(TableOf(scores));
    }

    private static Table TableOf(IReadOnlyList<TaskScore> scores)
    {
        var columns = scores.SelectMany(score => score.Fair.PassAtK.Keys).Distinct().Where(k => k > 1).Order().ToList();
        var samples = scores.Max(score => (double)score.Samples / score.Problems);
        var average = samples > 1 ? FormattableString.Invariant($"avg@{samples:0.#} ") : "";
        string[] heads =
        [
            "problems", "samples", $"{average}official", $"{average}fair",
            .. columns.SelectMany(k => new[] { $"pass@{k} official", $"pass@{k} fair" }), "tokens", "passes a token", "cut off",
        ];
        var table = new Table().SimpleBorder().AddColumn("task");
        foreach (var head in heads) table.AddColumn(new TableColumn(head).RightAligned());
        foreach (var score in scores) table.AddRow(RowOf(score, columns).Select(text => new Text(text)));
        return table.Caption(new TableTitle("right answers with their standard error, by the authors' grader and by a fair one", Terminal.Faint));
    }

    private static IEnumerable<string> RowOf(TaskScore score, List<int> columns) =>
    [
        score.Task, Number($"{score.Problems:N0}"), Number($"{score.Samples:N0}"), Average(score.Official), Average(score.Fair),
        .. columns.SelectMany(k => new[] { Share(score.Official, k), Share(score.Fair, k) }),
        Number($"{score.AverageTokens:N0}"), Number($"{score.AverageIterations:F3}"), Number($"{100 * score.CutShare:F1} %"),
    ];

    private static string Average(VerdictScore verdicts) => verdicts.StandardError is { } error
        ? Number($"{100 * verdicts.Average:F1} ± {100 * error:F1} %")
        : Number($"{100 * verdicts.Average:F1} %");

    private static string Share(VerdictScore verdicts, int k) => verdicts.PassAtK.TryGetValue(k, out var share) ? Number($"{100 * share:F1} %") : "";

    private static string Number(FormattableString text) => FormattableString.Invariant(text);

    private static void WriteTasks(Utf8JsonWriter json, IReadOnlyList<TaskScore> scores)
    {
        json.WriteStartArray("tasks");
        foreach (var score in scores)
        {
            json.WriteStartObject();
            json.WriteString("task", score.Task);
            json.WriteNumber("problems", score.Problems);
            json.WriteNumber("samples", score.Samples);
            WriteVerdicts(json, "official", score.Official);
            WriteVerdicts(json, "fair", score.Fair);
            json.WriteNumber("average_tokens", score.AverageTokens);
            json.WriteNumber("average_iterations", score.AverageIterations);
            json.WriteNumber("cut_share", score.CutShare);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteVerdicts(Utf8JsonWriter json, string name, VerdictScore verdicts)
    {
        json.WriteStartObject(name);
        json.WriteNumber("correct", verdicts.Correct);
        json.WriteNumber("average", verdicts.Average);
        if (verdicts.StandardError is { } error) json.WriteNumber("standard_error", error);
        else json.WriteNull("standard_error");
        json.WriteStartObject("pass_at_k");
        foreach (var (k, share) in verdicts.PassAtK) json.WriteNumber(FormattableString.Invariant($"{k}"), share);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
