namespace TaH.Engine;

/// <summary>What to generate and how.</summary>
public sealed record GenerationRequest
{
    /// <summary>Token ids of the prompt, chat format included.</summary>
    public required IReadOnlyList<int> Prompt { get; init; }

    /// <summary>Tokens to generate at most.</summary>
    public int MaxTokens { get; init; } = 512;

    /// <summary>How tokens are drawn; null for what the checkpoint's generation_config.json says.</summary>
    public SamplingSettings? Sampling { get; init; }

    /// <summary>Texts that end the answer; none of them becomes part of it.</summary>
    public IReadOnlyList<string> StopStrings { get; init; } = [];

    /// <summary>Whether to go on past the end-of-text token.</summary>
    public bool IgnoreEos { get; init; }

    /// <summary>Decides what is drawn: the same seed gives the same answer on every device, up to rounding.</summary>
    public long Seed { get; init; }

    /// <summary>Who decides about further passes; null for what the checkpoint says.</summary>
    public IterationPolicy? Policy { get; init; }

    /// <summary>
    /// Whether the token behind a hard one is guessed from the hard one's first pass, and runs its own first pass beside the second: the same answer,
    /// in fewer passes over the weights where the guess holds.
    /// </summary>
    public bool Overlap { get; init; }

    /// <summary>Passes that a token may take; null for what the checkpoint says.</summary>
    public int? MaxIter { get; init; }

    /// <summary>Throws where a value makes no sense for any model.</summary>
    /// <exception cref="UsageException">The message names the value and its range.</exception>
    public void Validate()
    {
        Sampling?.Validate();
        if (MaxTokens < 1) throw new UsageException($"max-tokens is {MaxTokens:N0}; at least 1 token has to be generated");
    }
}
