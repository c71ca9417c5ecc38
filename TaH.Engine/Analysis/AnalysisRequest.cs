namespace TaH.Engine;

/// <summary>What is analysed.</summary>
public sealed record AnalysisRequest
{
    /// <summary>Directory of the model.</summary>
    public required string Model { get; init; }

    /// <summary>Rows of text; with labels of tah label the oracle can be asked, too.</summary>
    public required string Data { get; init; }

    /// <summary>Tokens of a row at the most; longer ones are cut.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>The most rows; null for all.</summary>
    public int? Rows { get; init; }

    /// <exception cref="UsageException">A number is out of range.</exception>
    internal void Validate()
    {
        if (MaxLength < 2) throw new UsageException($"--max-length is 2 or more, not {MaxLength:N0}");
        if (Rows < 1) throw new UsageException($"--rows is 1 or more, not {Rows:N0}");
    }
}
