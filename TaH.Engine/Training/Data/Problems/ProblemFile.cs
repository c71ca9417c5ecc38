using System.Text.Json;

namespace TaH.Engine;

/// <summary>Problems as JSON lines: <c>kind</c>, <c>question</c>, <c>reasoning</c>, <c>answer</c>, and <c>messages</c> for training.</summary>
public static class ProblemFile
{
    /// <summary>Writes problems; the file is there when the last one is.</summary>
    /// <param name="path">The file.</param>
    /// <param name="problems">What to write.</param>
    /// <param name="progress">Hears now and then how many were written; null for nobody.</param>
    /// <param name="cancellation">Ends the writing; no file is left.</param>
    /// <returns>How many were written.</returns>
    /// <exception cref="BadFileException">The file cannot be written.</exception>
    public static int Write(string path, IEnumerable<Problem> problems, Action<int>? progress = null, CancellationToken cancellation = default)
    {
        using var output = new AtomicOutput(path);
        var lines = new JsonLinesOutput(output);
        var written = 0;
        foreach (var problem in problems)
        {
            cancellation.ThrowIfCancellationRequested();
            lines.Write(problem, Write);
            if (++written % 1000 == 0) progress?.Invoke(written);
        }
        lines.Flush();
        output.Complete();
        progress?.Invoke(written);
        return written;
    }

    /// <summary>The questions of a file of problems.</summary>
    /// <exception cref="BadFileException">The file cannot be read, or a line has no question; the message names it.</exception>
    public static IEnumerable<string> ReadQuestions(string path)
    {
        foreach (var (number, line) in JsonLines.Read(path)) yield return ReadQuestion(new RowPlace(path, number, IsLine: true), line);
    }

    private static string ReadQuestion(RowPlace place, ReadOnlyMemory<byte> line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("question", out var question)
                && question.ValueKind == JsonValueKind.String) return question.GetString()!;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw place.Error(null, "is not a JSON object", error);
        }
        throw place.Error("question", "is missing or no string");
    }

    private static void Write(Utf8JsonWriter json, Problem problem)
    {
        json.WriteString("kind", problem.Kind);
        json.WriteString("question", problem.Question);
        json.WriteString("reasoning", problem.Reasoning);
        json.WriteString("answer", problem.Answer);
        json.WriteStartArray("messages");
        WriteTurn(json, "user", problem.Question);
        WriteTurn(json, "assistant", problem.Response);
        json.WriteEndArray();
    }

    private static void WriteTurn(Utf8JsonWriter json, string role, string content)
    {
        json.WriteStartObject();
        json.WriteString("role", role);
        json.WriteString("content", content);
        json.WriteEndObject();
    }
}
