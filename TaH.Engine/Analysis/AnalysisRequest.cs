namespace TaH.Engine;

/// <summary>What is analysed.</summary>
public sealed record AnalysisRequest
{
    /// <summary>Directory of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Rows of text; with labels of tah label the oracle can be asked, too, and decisions are compared with them.</summary>
    public required string Data { get; init; }

    /// <summary>Tokens of a row at the most; longer ones are cut.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>The most rows; null for all.</summary>
    public int? Rows { get; init; }

    /// <summary>Thresholds of the decider to try, each above 0 and below 1.</summary>
    public IReadOnlyList<double> Thresholds { get; init; } = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99];

    /// <summary>Rows whose every token is kept for looking at.</summary>
    public int Texts { get; init; } = 8;

    /// <exception cref="UsageException">A number is out of range.</exception>
    internal void Validate()
    {
        if (MaxLength < 2) throw new UsageException($"--max-length is 2 or more, not {MaxLength:N0}");
        if (Rows < 1) throw new UsageException($"--rows is 1 or more, not {Rows:N0}");
        if (Texts < 0) throw new UsageException($"--texts is 0 or more, not {Texts:N0}");
        foreach (var threshold in Thresholds)
            if (threshold is not (> 0 and < 1))
                throw new UsageException(FormattableString.Invariant($"a threshold lies between 0 and 1, not at {threshold}"));
    }
}
