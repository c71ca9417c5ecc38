using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaH.Cli;

/// <summary>An evaluation as one page that needs no network: scores, settings, and every sample with its verdicts.</summary>
internal static class EvaluationPage
{
    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The page's text.</summary>
    /// <param name="model">The model's name.</param>
    /// <param name="settings">What was asked for, as run.json has it.</param>
    /// <param name="samples">What came of it.</param>
    public static string Of(string model, JsonObject settings, IReadOnlyList<EvaluationSample> samples) => HtmlPage.Of("evaluation", JsonLine.Write(json =>
    {
        json.WriteString("model", model);
        json.WritePropertyName("settings");
        settings.WriteTo(json);
        json.WritePropertyName("scores");
        JsonSerializer.Serialize(json, EvaluationScores.Of(samples), Options);
        json.WritePropertyName("samples");
        JsonSerializer.Serialize(json, samples, Options);
    }));
}
