using System.Text;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Turns the rows of a task's data into problems.</summary>
internal static class ProblemReader
{
    /// <summary>Reads a data file.</summary>
    /// <param name="task">The task.</param>
    /// <param name="path">Its data.</param>
    /// <param name="limit">Problems from the start at most; null for all.</param>
    /// <exception cref="BadFileException">A row is malformed, or an id stands twice; the message names line and field.</exception>
    public static List<EvaluationProblem> Read(EvaluationTask task, string path, int? limit)
    {
        var problems = new List<EvaluationProblem>();
        var places = new Dictionary<string, RowPlace>(StringComparer.Ordinal);
        var columns = task.Grader.RunsCode() ? null : task.Fields.Append(task.IdField).ToHashSet();
        foreach (var (place, json) in TaskRows.Read(path, columns))
        {
            if (problems.Count == limit) break;
            var problem = Parse(task, problems.Count, place, json);
            if (!places.TryAdd(problem.Id, place))
            {
                var kind = place.IsLine ? "line" : "row";
                throw place.Error(task.IdField, $"is {Words.Quoted(problem.Id)}, as in {kind} {places[problem.Id].Number:N0}; every problem needs its own");
            }
            problems.Add(problem);
        }
        if (problems.Count == 0) throw new BadFileException(path, null, $"has no rows; task {task.Name} needs problems");
        return problems;
    }

    private static EvaluationProblem Parse(EvaluationTask task, int number, RowPlace place, ReadOnlyMemory<byte> json)
    {
        using var document = Parse(place, json);
        var row = document.RootElement;
        if (row.ValueKind != JsonValueKind.Object) throw place.Error(null, "is JSON, but not an object");
        var id = row.TryGetProperty(task.IdField, out var given) && given.ValueKind != JsonValueKind.Null
            ? Text(given, task.IdField, place)
            : FormattableString.Invariant($"{task.Name}_{number}");
        if (id.Length == 0) throw place.Error(task.IdField, "is empty");
        var question = task.Prompt.Fill(field => Field(row, field, place));
        var gold = task.AnswerField is null ? "" : Field(row, task.AnswerField, place);
        if (task.AnswerField is not null && gold.Length == 0) throw place.Error(task.AnswerField, "is empty; there is nothing to judge answers by");
        return new EvaluationProblem(task, number, id, question, gold, task.Grader.RunsCode() ? json.ToArray() : default);
    }

    private static JsonDocument Parse(RowPlace place, ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return ParseWithoutNonFinite(place, json);
        }
    }

    /// <summary>Python writes NaN and Infinity as they are, which JSON has no name for; fields that are looked at here have none.</summary>
    private static JsonDocument ParseWithoutNonFinite(RowPlace place, ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(NonFiniteNumbers.Nulled(json.Span));
        }
        catch (JsonException error)
        {
            throw place.Error(null, "is not a JSON object", error);
        }
    }

    private static string Field(JsonElement row, string name, RowPlace place) =>
        row.TryGetProperty(name, out var value) ? Text(value, name, place) : throw place.Error(name, "is missing");

    /// <summary>A value as a prompt shows it: text without outer blanks, numbers as they are written, options with letters.</summary>
    private static string Text(JsonElement value, string name, RowPlace place) => value.ValueKind switch
    {
        JsonValueKind.String => StringOf(value, name, place).Trim(),
        JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
        JsonValueKind.Array => Options(value, name, place),
        _ => throw place.Error(name, "is no text, number or list of texts"),
    };

    private static string Options(JsonElement values, string name, RowPlace place)
    {
        var lines = new StringBuilder();
        var letter = 'A';
        foreach (var value in values.EnumerateArray())
        {
            if (value.ValueKind is JsonValueKind.Array or JsonValueKind.Object || letter > 'Z')
                throw place.Error(name, "is no list of at most 26 texts");
            if (letter > 'A') lines.Append('\n');
            lines.Append(letter++).Append(". ").Append(Text(value, name, place));
        }
        return lines.ToString();
    }

    private static string StringOf(JsonElement value, string name, RowPlace place)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw place.Error(name, "has bytes or escapes that are no text", error);
        }
    }
}
