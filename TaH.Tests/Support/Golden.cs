using System.Text.Json;

namespace TaH.Tests;

/// <summary>The golden fixtures by name. How each was made stands in Fixtures/README.md; none is ever changed to silence a test.</summary>
internal static class Golden
{
    public static readonly string[] ParityFixtures = ["a_tied", "b_untied_widehead", "c_iter3_norm", "d_untied_mha_iter3"];

    /// <summary>The bound of the golden files for an f32 engine: relative L2 of anything computed forward.</summary>
    public const double Forward = 1e-4;

    /// <summary>The model that the official code trained and the tiny goldens were made with.</summary>
    public static string TinyModel => Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "checkpoint");

    public static string ParityDirectory(string fixture) => Path.Combine(AppContext.BaseDirectory, "Fixtures", "parity", fixture);

    public static string ParityCheckpoint(string fixture) => Path.Combine(ParityDirectory(fixture), "checkpoint");

    public static GoldenTensors Parity(string fixture, string file) => GoldenTensors.Open(Path.Combine("parity", fixture, file + ".safetensors"));

    public static GoldenTensors TinyTeacher() => GoldenTensors.Open(Path.Combine("tiny", "teacher4.safetensors"));

    public static IReadOnlyList<GreedyProblem> TinyGreedy()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Fixtures", "tiny", "greedy40.json")));
        return [.. document.RootElement.EnumerateArray().Select(problem => new GreedyProblem(
            Ints(problem.GetProperty("prompt_ids")),
            new[] { "decider", "never", "always2" }.ToDictionary(policy => policy, policy => Answer(problem.GetProperty(policy)))))];
    }

    private static GreedyAnswer Answer(JsonElement answer) => new(
        Ints(answer.GetProperty("tokens")), answer.GetProperty("text").GetString()!,
        Ints(answer.GetProperty("prompt_iter_count")), Ints(answer.GetProperty("iter_count")),
        answer.TryGetProperty("continue_prob", out var probabilities) && probabilities.ValueKind == JsonValueKind.Array
            ? [.. probabilities.EnumerateArray().Select(value => value.ValueKind == JsonValueKind.Null ? float.NaN : value.GetSingle())]
            : null,
        answer.GetProperty("top1_margin_min").GetSingle(),
        answer.TryGetProperty("threshold_margin_min", out var margin) ? margin.GetSingle() : float.PositiveInfinity);

    private static int[] Ints(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetInt32())];
}

/// <summary>A held-out problem and what the official code answered under three policies.</summary>
internal sealed record GreedyProblem(int[] Prompt, IReadOnlyDictionary<string, GreedyAnswer> Answers);

/// <summary>
/// One answer. Iterations has an entry for every token and one more: passes at the position whose logits chose it; the last chose the end. The
/// margins are the smallest in it: of the best token's logit over the second's, and of a probability from the threshold.
/// </summary>
internal sealed record GreedyAnswer(
    int[] Tokens, string Text, int[] PromptIterations, int[] Iterations, float[]? ContinueProbabilities, float TopMargin, float ThresholdMargin);
