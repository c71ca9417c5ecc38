using System.Text.Json.Nodes;

namespace TaH.Tests;

/// <summary>A handful of problems that the shipped model solves more or less, and what an evaluation makes of them.</summary>
internal sealed class EvaluationScene : IDisposable
{
    private const string Task = """
        name: sums
        data: sums.jsonl
        prompt: "{question}"
        grader: exact
        max_new_tokens: 48
        """;

    private readonly TemporaryDirectory _directory = new();

    public EvaluationScene()
    {
        File.WriteAllText(At("sums.yaml"), Task);
        var lines = Enumerable.Range(0, 7).Select(i => new JsonObject
        {
            ["id"] = $"sum{i}", ["question"] = $"Take {i + 3}. Add {i + 4}. Subtract 2. Keep only the last digit. What is left?",
            ["answer"] = $"{((2 * i) + 5) % 10}",
        }.ToJsonString());
        File.WriteAllLines(At("sums.jsonl"), lines);
    }

    /// <summary>The arguments of the evaluation, without where its results go.</summary>
    public string[] Arguments => ["eval", "--tasks", At("sums.yaml"), "--device", "cpu", "--samples", "3"];

    public string At(string name) => _directory.At(name);

    /// <summary>Runs the evaluation to its end.</summary>
    public CommandRun Run(string output, params string[] more) => CommandRun.Of([.. Arguments, "--out", At(output), .. more]);

    /// <summary>The samples as they are written, but for how long they took.</summary>
    public List<string> Lines(string output) => [.. File.ReadLines(Path.Combine(At(output), "samples.jsonl")).Select(line =>
    {
        var sample = JsonNode.Parse(line)!.AsObject();
        sample.Remove("seconds");
        return sample.ToJsonString();
    })];

    public void Dispose() => _directory.Dispose();
}
