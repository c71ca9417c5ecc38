namespace TaH.Engine;

/// <summary>What becomes of a row that is longer than allowed.</summary>
public enum LongRowAction
{
    /// <summary>Its end is cut off.</summary>
    Cut,

    /// <summary>It is left out.</summary>
    Filter,
}

/// <summary>How rows become sequences to train on.</summary>
public sealed record TrainingDataOptions
{
    /// <summary>The most tokens of a sequence; null for any number.</summary>
    public int? MaxLength { get; init; }

    /// <summary>What becomes of longer ones.</summary>
    public LongRowAction LongRows { get; init; } = LongRowAction.Cut;

    /// <summary>The most sequences; rows behind them are not read. Null for any number.</summary>
    public int? MaxSequences { get; init; }

    /// <summary>Passes that a token may take; a hard one takes 2 to so many, drawn once.</summary>
    public int MaxIter { get; init; } = 2;

    /// <summary>What the draws depend on, beside the row's number.</summary>
    public long Seed { get; init; } = 42;
}
