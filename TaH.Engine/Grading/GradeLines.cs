using System.Text.Json;

namespace TaH.Engine;

/// <summary>Grades a JSON Lines file: each line <c>{"mode":"expr"|"latex"|"string","gold":...,"output":...}</c>.</summary>
/// <param name="grader">Who judges.</param>
public sealed class GradeLines(IAnswerGrader grader)
{
    private const string Modes = "expr, latex or string";

    /// <summary>Reads line by line and gives each verdict as it is ready; lines that are empty or all white space are passed over.</summary>
    /// <param name="input">The lines.</param>
    /// <param name="inputName">The file's name, for messages.</param>
    /// <exception cref="BadFileException">A line is not such an object; the message names line and field.</exception>
    public IEnumerable<GradeVerdict> Run(TextReader input, string inputName)
    {
        for (var number = 1; input.ReadLine() is { } line; number++)
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            var (mode, gold, output) = Read(line, inputName, $"line {number}");
            yield return grader.Grade(mode, gold, output);
        }
    }

    private static GradeQuestion Read(string line, string inputName, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new BadFileException(inputName, place, "is JSON, but not an object");
            string mode = Field("mode"), gold = Field("gold"), output = Field("output");
            var known = AnswerGraders.FindMode(mode) ?? throw new BadFileException(inputName, $"{place}: mode", $"is {Modes}, not '{mode}'");
            return new GradeQuestion(known, gold, output);

            string Field(string name)
            {
                if (!document.RootElement.TryGetProperty(name, out var value)) throw new BadFileException(inputName, $"{place}: {name}", "is missing");
                if (value.ValueKind != JsonValueKind.String) throw new BadFileException(inputName, $"{place}: {name}", "is not a string");
                return value.GetString()!;
            }
        }
        catch (Exception error) when (error is JsonException or ArgumentException or InvalidOperationException)
        {
            // Not JSON; or half a surrogate pair, as an escape or as it stands.
            throw new BadFileException(inputName, place, "is not a JSON object", error);
        }
    }

    private readonly record struct GradeQuestion(GradeMode Mode, string Gold, string Output);
}
