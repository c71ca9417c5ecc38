using System.Text.Json;

namespace TaH.Cli;

/// <summary>The object that <c>tah generate --json</c> prints: names and types are a contract with scripts.</summary>
internal static class AnswerJson
{
    /// <summary>The object of an answer, on one line.</summary>
    public static string Of(LoadedModel loaded, GenerationRequest request, Completion completion) => JsonLine.Write(json =>
    {
        WriteModel(json, loaded);
        WriteDevice(json, loaded.Model);
        json.WriteStartObject("prompt");
        JsonLine.WriteNumbers(json, "ids", request.Prompt);
        JsonLine.WriteNumbers(json, "iterations", completion.PromptIterations);
        json.WriteEndObject();
        WriteTokens(json, loaded.Model, completion);
        json.WriteString("text", completion.Text);
        json.WriteString("finish_reason", completion.FinishReason?.ToString().ToLowerInvariant());
        json.WriteStartObject("usage");
        json.WriteNumber("prompt_tokens", request.Prompt.Count);
        json.WriteNumber("completion_tokens", completion.Tokens.Count);
        JsonLine.WriteNumber(json, "average_iterations", completion.AverageIterations);
        json.WriteNumber("guesses", completion.Guesses.Made);
        json.WriteNumber("guesses_held", completion.Guesses.Held);
        json.WriteEndObject();
        WriteTiming(json, loaded, completion.Timings);
    });

    /// <summary>The member that says which model answered.</summary>
    public static void WriteModel(Utf8JsonWriter json, LoadedModel loaded)
    {
        json.WriteStartObject("model");
        json.WriteString("path", loaded.Path);
        json.WriteString("kind", loaded.Model.IsTah ? "tah" : "plain");
        json.WriteString("dtype", loaded.WeightType);
        json.WriteNumber("max_iter", loaded.MaxIter);
        if (loaded.Threshold is { } threshold) json.WriteNumber("threshold", threshold);
        else json.WriteNull("threshold");
        json.WriteEndObject();
    }

    /// <summary>The member that says on which device.</summary>
    public static void WriteDevice(Utf8JsonWriter json, TahModel model)
    {
        json.WriteStartObject("device");
        json.WriteString("kind", model.Device.Kind.ToString().ToLowerInvariant());
        json.WriteString("name", model.Device.Info.Name);
        json.WriteEndObject();
    }

    private static void WriteTokens(Utf8JsonWriter json, TahModel model, Completion completion)
    {
        json.WriteStartArray("tokens");
        foreach (var token in completion.Tokens)
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("text", model.Tokenizer is null ? null : token.Text);
            json.WriteNumber("iterations", token.Iterations);
            if (token.ContinueProbability is { } probability) json.WriteNumber("continue_probability", probability);
            else json.WriteNull("continue_probability");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteTiming(Utf8JsonWriter json, LoadedModel loaded, GenerationTimings timings)
    {
        json.WriteStartObject("timing");
        JsonLine.WriteNumber(json, "load_ms", loaded.LoadTime.TotalMilliseconds);
        JsonLine.WriteNumber(json, "first_token_ms", timings.FirstToken?.TotalMilliseconds);
        JsonLine.WriteNumber(json, "prefill_tokens_per_s", timings.PrefillTokensPerSecond);
        JsonLine.WriteNumber(json, "decode_tokens_per_s", timings.DecodeTokensPerSecond);
        json.WriteEndObject();
    }
}
