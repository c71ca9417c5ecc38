namespace TaH.Engine;

/// <summary>Which layers go, and by what they are judged.</summary>
public sealed record PruneRequest
{
    /// <summary>The checkpoint of a plain model.</summary>
    public required string Model { get; init; }

    /// <summary>How many layers go.</summary>
    public required int Layers { get; init; }

    /// <summary>Held-out rows, JSON lines or Parquet.</summary>
    public required string Data { get; init; }

    /// <summary>Where the smaller model goes: a directory that is empty or not there yet.</summary>
    public required string Output { get; init; }

    /// <summary>Rows of the data that are looked at, at the most.</summary>
    public int Rows { get; init; } = 128;

    /// <summary>Tokens of a row at the most; what is behind them is cut.</summary>
    public int MaxLength { get; init; } = 4096;

    /// <summary>
    /// Whether all layers are judged once, against the whole model, as the official script does; else the layers that are left are judged anew after
    /// each that goes.
    /// </summary>
    public bool AtOnce { get; init; }

    /// <exception cref="UsageException">A number is out of its range.</exception>
    internal void Validate()
    {
        if (Layers < 1) throw new UsageException(FormattableString.Invariant($"--layers is 1 or more, not {Layers}"));
        if (Rows < 1) throw new UsageException(FormattableString.Invariant($"--rows is 1 or more, not {Rows}"));
        if (MaxLength < 2) throw new UsageException(FormattableString.Invariant($"--max-length is 2 or more, not {MaxLength}"));
    }
}

/// <summary>How far pruning has come.</summary>
/// <param name="Measured">Models that were measured.</param>
/// <param name="Total">Models that will be.</param>
public readonly record struct PruneProgress(int Measured, int Total);
