namespace TaH.Engine;

/// <summary>How the next token is drawn; the steps run in the official order: penalties, temperature, softmax, min-p, top-k, top-p.</summary>
public sealed record SamplingSettings
{
    /// <summary>The most probable token every time.</summary>
    public static SamplingSettings Greedy { get; } = new() { Temperature = 0 };

    /// <summary>0 for greedy, else what logits are divided by.</summary>
    public float Temperature { get; init; } = 0.6f;

    /// <summary>Keep the k most probable tokens; 0 for all.</summary>
    public int TopK { get; init; } = 20;

    /// <summary>Keep the smallest set of tokens whose probabilities pass this; 1 for all.</summary>
    public float TopP { get; init; } = 0.95f;

    /// <summary>Keep tokens of at least this share of the largest probability; 0 for all.</summary>
    public float MinP { get; init; }

    /// <summary>What the logits of tokens seen so far are divided by (multiplied, where negative); 1 for none.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>Subtracted from the logit of every token generated so far; 0 for none.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted for each time that a token was generated; 0 for none.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Whether earlier tokens change the logits at all.</summary>
    public bool HasPenalties => RepetitionPenalty != 1 || PresencePenalty != 0 || FrequencyPenalty != 0;

    /// <summary>Throws where a value makes no sense.</summary>
    /// <exception cref="UsageException">The message names the setting, its value and its range.</exception>
    public void Validate()
    {
        if (TopK < 0) throw OutOfRange("top-k", TopK, "0 (all) or more");
        Require(SamplingRange.Temperature, "temperature", Temperature);
        Require(SamplingRange.TopP, "top-p", TopP);
        Require(SamplingRange.MinP, "min-p", MinP);
        Require(SamplingRange.RepetitionPenalty, "repetition penalty", RepetitionPenalty);
        Require(SamplingRange.AdditivePenalty, "presence penalty", PresencePenalty);
        Require(SamplingRange.AdditivePenalty, "frequency penalty", FrequencyPenalty);
    }

    private static void Require(SamplingRange range, string name, float value)
    {
        if (!range.Contains(value)) throw OutOfRange(name, value, range.InWords);
    }

    private static UsageException OutOfRange(string name, float value, string range) =>
        new(FormattableString.Invariant($"{name} {value} is out of range; it is {range}"));
}
