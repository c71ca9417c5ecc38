namespace TaH.Engine;

/// <summary>What a file of rows has come to.</summary>
public sealed record DataSummary
{
    /// <summary>Rows that were read.</summary>
    public long Rows { get; init; }

    /// <summary>Rows that became sequences.</summary>
    public long Sequences { get; init; }

    /// <summary>Tokens of the sequences.</summary>
    public long Tokens { get; init; }

    /// <summary>Tokens that carry loss: those that have to be predicted.</summary>
    public long Supervised { get; init; }

    /// <summary>Tokens that take more than one pass.</summary>
    public long Hard { get; init; }

    /// <summary>Sequences whose end was cut off.</summary>
    public long Cut { get; init; }

    /// <summary>Rows that were left out because they were too long.</summary>
    public long TooLong { get; init; }

    /// <summary>Rows that were left out because nothing in them carries loss.</summary>
    public long Unsupervised { get; init; }

    /// <summary>Adds what became of one row.</summary>
    internal DataSummary With(BuiltSequence built) => built.Sequence is not { } sequence
        ? this with { Rows = Rows + 1, TooLong = TooLong + (built.IsTooLong ? 1 : 0), Unsupervised = Unsupervised + (built.IsTooLong ? 0 : 1) }
        : this with
        {
            Rows = Rows + 1, Sequences = Sequences + 1, Tokens = Tokens + sequence.Length, Supervised = Supervised + sequence.SupervisedCount,
            Hard = Hard + sequence.HardCount, Cut = Cut + (built.WasCut ? 1 : 0),
        };

    /// <summary>The summary as a line.</summary>
    public override string ToString()
    {
        var line = FormattableString.Invariant(
            $"{Sequences:N0} of {Rows:N0} rows, {Tokens:N0} tokens, {Supervised:N0} supervised, {Hard:N0} hard");
        if (Cut > 0) line += FormattableString.Invariant($", {Cut:N0} rows cut");
        if (TooLong > 0) line += FormattableString.Invariant($", {TooLong:N0} too long");
        return Unsupervised > 0 ? line + FormattableString.Invariant($", {Unsupervised:N0} without a supervised token") : line;
    }
}
