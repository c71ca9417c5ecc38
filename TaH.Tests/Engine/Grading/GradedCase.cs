using System.Text.Json;

namespace TaH.Tests;

/// <summary>A case with a verdict that is known: recorded from the official grader, or judged by hand.</summary>
internal sealed record GradedCase(string Id, GradeMode Mode, string Gold, string Output, bool Correct, string? Extracted)
{
    /// <summary>The cases of a file in Fixtures/Grading.</summary>
    public static IReadOnlyList<GradedCase> Read(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "Grading", file);
        return [.. File.ReadLines(path).Select((line, index) => Parse(line, index + 1))];
    }

    private static GradedCase Parse(string line, int number)
    {
        using var json = JsonDocument.Parse(line);
        var row = json.RootElement;
        var verdict = row.TryGetProperty("verdict", out var recorded) ? recorded : row.GetProperty("correct");
        return new GradedCase(
            row.TryGetProperty("id", out var id) ? id.GetString()! : $"line {number}", AnswerGraders.FindMode(row.GetProperty("mode").GetString()!)!.Value,
            row.GetProperty("gold").GetString()!, row.GetProperty("output").GetString()!, verdict.GetBoolean(),
            row.TryGetProperty("extracted", out var extracted) ? extracted.GetString() : null);
    }

    /// <summary>The recorded text that the answer was read from: the last element of a Python list, without its escapes.</summary>
    public string RecordedText()
    {
        if (Extracted == GradeVerdict.NothingExtracted) return Extracted;
        var list = Extracted![..^1];
        var quote = list[^1];
        var start = list.LastIndexOf(", " + quote, StringComparison.Ordinal) is var place and >= 0 ? place + 3 : 2;
        return list[start..^1].Replace(@"\\", @"\", StringComparison.Ordinal).Replace(@"\'", "'", StringComparison.Ordinal);
    }
}
