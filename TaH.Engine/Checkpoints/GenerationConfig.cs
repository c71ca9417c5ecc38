using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>What a checkpoint says about sampling and stopping; a value that its files do not give is null.</summary>
public sealed record GenerationConfig
{
    /// <summary>Tokens that end a text; empty where no file names one.</summary>
    public ImmutableArray<int> EosTokenIds { get; init; } = [];

    /// <summary>The token a text starts with.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>The token that fills a batch.</summary>
    public int? PadTokenId { get; init; }

    /// <summary>Divides the logits.</summary>
    public double? Temperature { get; init; }

    /// <summary>How many tokens top-k sampling keeps.</summary>
    public int? TopK { get; init; }

    /// <summary>The probability mass that top-p sampling keeps.</summary>
    public double? TopP { get; init; }

    /// <summary>The share of the largest probability under which min-p sampling drops a token.</summary>
    public double? MinP { get; init; }

    /// <summary>Divides (positive) or multiplies (negative) the logits of tokens seen before.</summary>
    public double? RepetitionPenalty { get; init; }

    /// <summary>True where the model is meant to be sampled, false for greedy decoding.</summary>
    public bool? DoSample { get; init; }

    /// <summary>Reads generation_config.json, which may be missing; token ids that it does not give come from config.json.</summary>
    /// <param name="directory">The checkpoint directory; it holds config.json.</param>
    /// <exception cref="CheckpointException">A file is damaged or a value makes no sense.</exception>
    public static GenerationConfig Read(string directory)
    {
        var model = JsonFile.Read(Path.Combine(directory, "config.json"), "config.json");
        var path = Path.Combine(directory, "generation_config.json");
        var own = File.Exists(path) ? JsonFile.Read(path, "generation_config.json") : new JsonField("generation_config.json", "", default);
        var vocab = model["vocab_size"].Integer(1, int.MaxValue);
        return new GenerationConfig
        {
            EosTokenIds = ReadEos(Either("eos_token_id"), vocab),
            BosTokenId = OptionalInteger(Either("bos_token_id"), int.MinValue, int.MaxValue),
            PadTokenId = OptionalInteger(Either("pad_token_id"), int.MinValue, int.MaxValue),
            Temperature = OptionalNumber(own["temperature"], SamplingRange.Temperature),
            TopK = OptionalInteger(own["top_k"], 0, int.MaxValue),
            TopP = OptionalNumber(own["top_p"], SamplingRange.TopP),
            MinP = OptionalNumber(own["min_p"], SamplingRange.MinP),
            RepetitionPenalty = OptionalNumber(own["repetition_penalty"], SamplingRange.RepetitionPenalty),
            DoSample = own["do_sample"].IsAbsent ? null : own["do_sample"].Flag(false),
        };

        JsonField Either(string key) => own[key].IsAbsent ? model[key] : own[key];
    }

    private static ImmutableArray<int> ReadEos(JsonField field, int vocab)
    {
        if (field.IsAbsent) return [];
        return field.Kind == System.Text.Json.JsonValueKind.Array ? field.Integers(0, vocab - 1, maxCount: 1024) : [field.Integer(0, vocab - 1)];
    }

    private static int? OptionalInteger(JsonField field, int min, int max) => field.IsAbsent ? null : field.Integer(min, max);

    private static double? OptionalNumber(JsonField field, SamplingRange range)
    {
        if (field.IsAbsent) return null;
        var number = field.Number(double.MinValue, double.MaxValue);
        // As the float that sampling computes with: a number that becomes 0 there is 0.
        return range.Contains((float)number) ? number : throw field.Error(FormattableString.Invariant($"is {number}, allowed is {range.InWords}"));
    }
}
