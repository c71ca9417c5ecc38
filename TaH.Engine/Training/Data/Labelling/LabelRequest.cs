namespace TaH.Engine;

/// <summary>What to label, and how.</summary>
public sealed record LabelRequest
{
    /// <summary>Rows of any form, JSON lines or Parquet; labelled ones are labelled anew.</summary>
    public required string Data { get; init; }

    /// <summary>The file to write: Parquet where its name ends with .parquet, else JSON lines.</summary>
    public required string Output { get; init; }

    /// <summary>Whether to write the entropy of each prediction, in nats.</summary>
    public bool Entropy { get; init; }

    /// <summary>Whether to write -log of the probability of each next token.</summary>
    public bool CrossEntropy { get; init; }

    /// <summary>Tokens of a pass, 1 to 4,096; null for what suits device and model.</summary>
    public int? BatchTokens { get; init; }

    /// <summary>Rows to read at most; null for all.</summary>
    public long? Limit { get; init; }
}

/// <summary>How far labelling has come.</summary>
/// <param name="Rows">Rows that are labelled or skipped.</param>
/// <param name="TotalRows">Rows that there are.</param>
/// <param name="Tokens">Tokens that are labelled.</param>
public readonly record struct LabelProgress(long Rows, long TotalRows, long Tokens);

/// <summary>What labelling came to.</summary>
public sealed record LabelSummary
{
    /// <summary>Rows that were read.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that were left out: empty, or longer than the model's context.</summary>
    public long Skipped { get; init; }

    /// <summary>Tokens that were labelled.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens that carry loss.</summary>
    public long Supervised { get; init; }

    /// <summary>Of those, tokens whose next one the model misses.</summary>
    public long Hard { get; init; }
}
