using System.Text.Json;

namespace TaH.Cli;

/// <summary>A checkpoint's summary as one JSON object for scripts.</summary>
internal static class CheckpointJson
{
    /// <summary>The object, on one line.</summary>
    public static string Of(CheckpointSummary summary) => JsonLine.Write(json =>
    {
        json.WriteString("path", summary.Directory);
        json.WriteString("kind", summary.Tah is null ? "plain" : "tah");
        json.WriteString("dtype", summary.WeightType.ToString().ToLowerInvariant());
        WriteShape(json, summary.Config);
        WriteParameters(json, summary.Parameters);
        json.WriteStartObject("bytes");
        json.WriteNumber("weights", summary.WeightBytes);
        json.WriteNumber("lora", summary.LoraBytes);
        json.WriteNumber("decider", summary.DeciderBytes);
        json.WriteNumber("kv_f32_per_position", summary.KvBytesPerPosition(sizeof(float)));
        json.WriteEndObject();
        json.WriteNumber("files", summary.ShardCount);
        json.WriteBoolean("tokenizer", summary.HasTokenizer);
        JsonLine.WriteNumbers(json, "eos_token_ids", summary.Generation.EosTokenIds);
        WriteIteration(json, summary);
    });

    private static void WriteShape(Utf8JsonWriter json, Qwen3Config config)
    {
        json.WriteStartObject("shape");
        json.WriteNumber("layers", config.LayerCount);
        json.WriteNumber("hidden", config.HiddenSize);
        json.WriteNumber("ffn", config.IntermediateSize);
        json.WriteNumber("heads", config.HeadCount);
        json.WriteNumber("kv_heads", config.KvHeadCount);
        json.WriteNumber("head_dim", config.HeadDim);
        json.WriteNumber("vocab", config.VocabSize);
        json.WriteNumber("positions", config.MaxPositions);
        json.WriteBoolean("tied", config.TieWordEmbeddings);
        json.WriteEndObject();
    }

    private static void WriteParameters(Utf8JsonWriter json, ParameterCounts parameters)
    {
        json.WriteStartObject("parameters");
        json.WriteNumber("base", parameters.Base);
        json.WriteNumber("lora", parameters.Lora);
        json.WriteNumber("decider", parameters.Decider);
        json.WriteNumber("total", parameters.Total);
        json.WriteEndObject();
    }

    private static void WriteIteration(Utf8JsonWriter json, CheckpointSummary summary)
    {
        json.WriteNumber("max_iter", summary.Tah?.MaxIter ?? 1);
        json.WriteString("attention", summary.Tah?.Attention switch
        {
            null => null, AttentionScope.OwnDepth => "own", AttentionScope.FirstDepth => "first", _ => "duo",
        });
        json.WriteBoolean("adds_logits", summary.Tah?.AddsLogits ?? true);
        if (summary.Lora is { } lora)
        {
            json.WriteStartObject("lora");
            json.WriteNumber("rank", lora.Rank);
            json.WriteNumber("alpha", lora.Alpha);
            json.WriteEndObject();
        }
        else json.WriteNull("lora");
        if (summary.Decider is { } decider)
        {
            json.WriteStartObject("decider");
            json.WriteNumber("threshold", decider.EffectiveThreshold);
            json.WriteNumber("topk", decider.TopK);
            JsonLine.WriteNumbers(json, "hidden_layers", decider.HiddenLayers);
            json.WriteEndObject();
        }
        else json.WriteNull("decider");
    }
}
