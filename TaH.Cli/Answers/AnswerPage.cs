using System.Text.Json;

namespace TaH.Cli;

/// <summary>Answers as one page that needs no network: every token in the colour of its passes, prompts included.</summary>
internal static class AnswerPage
{
    /// <summary>The page's text.</summary>
    /// <param name="loaded">What answered.</param>
    /// <param name="answers">Answers that have begun, each with what was asked.</param>
    public static string Of(LoadedModel loaded, IReadOnlyList<(GenerationRequest Request, Completion Completion)> answers) =>
        HtmlPage.Of("answer", JsonLine.Write(json =>
        {
            AnswerJson.WriteModel(json, loaded);
            AnswerJson.WriteDevice(json, loaded.Model);
            json.WriteStartArray("answers");
            foreach (var (request, completion) in answers) Write(json, loaded.Model, request, completion);
            json.WriteEndArray();
        }));

    private static void Write(Utf8JsonWriter json, TahModel model, GenerationRequest request, Completion completion)
    {
        json.WriteStartObject();
        json.WriteString("finish_reason", completion.FinishReason?.ToString().ToLowerInvariant());
        JsonLine.WriteNumber(json, "average_iterations", completion.AverageIterations);
        JsonLine.WriteNumber(json, "decode_tokens_per_s", completion.Timings.DecodeTokensPerSecond);
        json.WriteStartArray("prompt");
        for (var i = 0; i < request.Prompt.Count; i++)
            WriteToken(json, TextOf(model, request.Prompt[i]), completion.PromptIterations[i], probability: null);
        json.WriteEndArray();
        json.WriteStartArray("tokens");
        foreach (var token in completion.Tokens) WriteToken(json, TextOf(model, token.Id), token.Iterations, token.ContinueProbability);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string TextOf(TahModel model, int id) => model.Tokenizer?.Decode([id]) ?? FormattableString.Invariant($"{id} ");

    private static void WriteToken(Utf8JsonWriter json, string text, int iterations, float? probability)
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        json.WriteNumber("iterations", iterations);
        if (probability is { } value) json.WriteNumber("probability", value);
        json.WriteEndObject();
    }
}
