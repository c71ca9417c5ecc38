using System.Text.Json;

namespace TaH.Engine;

/// <summary>A function to write, and how to find out whether one is right.</summary>
public sealed record CodeProblem
{
    /// <summary>What the function is called; null where tests alone call it.</summary>
    public string? EntryPoint { get; init; }

    /// <summary>What stands in front of the function's body: imports, signature, description; empty where there is no such text.</summary>
    public string Prompt { get; init; } = "";

    /// <summary>A right solution, whole.</summary>
    public required string Reference { get; init; }

    /// <summary>Statements that fail where a solution is wrong.</summary>
    public required string Tests { get; init; }

    /// <summary>Lists of arguments for the tests that came later, as the JSON text of the file; null where there are none.</summary>
    public string? MoreInputs { get; init; }

    /// <summary>How far floats may be off.</summary>
    public double Tolerance { get; init; }

    /// <summary>Reads a row of HumanEval, MBPP, or one of their plus sets.</summary>
    /// <param name="row">The row as JSON.</param>
    /// <exception cref="FormatException">A field is missing; the message names it.</exception>
    public static CodeProblem Read(ReadOnlyMemory<byte> row)
    {
        using var json = JsonDocument.Parse(BareNumbers.Quote(row));
        var root = json.RootElement;
        var entry = root.TryGetProperty("entry_point", out var name) ? name.GetString() : null;
        if (root.TryGetProperty("test", out var test))
        {
            return new CodeProblem
            {
                EntryPoint = entry, Prompt = Text(root, "prompt"), Reference = Text(root, "prompt") + Text(root, "canonical_solution"),
                Tests = $"{test.GetString()}\ncheck({entry})\n", MoreInputs = Inputs(root), Tolerance = Number(root),
            };
        }
        if (!root.TryGetProperty("test_list", out var list)) throw new FormatException("has neither test nor test_list");
        var imports = root.TryGetProperty("test_imports", out var lines) ? Lines(lines) : "import math\n";
        return new CodeProblem
        {
            EntryPoint = entry, Reference = root.TryGetProperty("code", out var code) ? code.GetString()! : Text(root, "canonical_solution"),
            Tests = $"{imports}{Lines(list)}", MoreInputs = Inputs(root), Tolerance = Number(root),
        };
    }

    private static string Text(JsonElement row, string field) =>
        row.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"has no text {field}");

    private static string Lines(JsonElement list) => string.Concat(list.EnumerateArray().Select(line => line.GetString() + "\n"));

    private static string? Inputs(JsonElement row) => row.TryGetProperty("plus_input", out var inputs) ? BareNumbers.Restore(inputs.GetRawText()) : null;

    private static double Number(JsonElement row) => row.TryGetProperty("atol", out var value) ? value.GetDouble() : 0;
}
