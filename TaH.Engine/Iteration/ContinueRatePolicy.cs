namespace TaH.Engine;

/// <summary>
/// For measurements: a given share of tokens takes a second pass, spread evenly over the positions, whatever the decider says. The decider is
/// computed all the same, so that a token costs what it costs under the trained one.
/// </summary>
public sealed class ContinueRatePolicy : IterationPolicy
{
    private readonly double _phase;

    /// <summary>Makes the policy.</summary>
    /// <param name="rate">The share of tokens, from 0 to 1.</param>
    /// <param name="phase">Where in its rhythm position 0 stands, from 0 to 1: sequences of a batch differ in it, so that their turns differ.</param>
    /// <exception cref="UsageException">The rate is out of range.</exception>
    public ContinueRatePolicy(double rate, double phase = 0.5)
    {
        if (!(rate is >= 0 and <= 1)) throw new UsageException(FormattableString.Invariant($"a continue rate is from 0 to 1, not {rate}"));
        ArgumentOutOfRangeException.ThrowIfNegative(phase);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(phase, 1);
        (Rate, _phase) = (rate, phase);
    }

    /// <summary>The share of tokens that take a second pass.</summary>
    public double Rate { get; }

    /// <summary>The share of guesses that hold, from 0 to 1, spread evenly, whatever was drawn; null for those that were right.</summary>
    internal double? HeldRate { get; init; }

    /// <inheritdoc/>
    public override bool NeedsDecider => true;

    /// <inheritdoc/>
    public override bool MayGoOn(int position, int depth) => depth == 0;

    /// <inheritdoc/>
    public override bool GoesOn(int position, int depth, float deciderLogit) => depth == 0 && IsDue(position, Rate, _phase);

    /// <inheritdoc/>
    internal override bool GuessHolds(int guess, bool matches) => HeldRate is { } rate ? IsDue(guess, rate, phase: 0.5) : matches;

    // Error diffusion: those that are due up to a place are its share of them, rounded.
    private static bool IsDue(int place, double rate, double phase) => Math.Floor(((place + 1L) * rate) + phase) > Math.Floor((place * rate) + phase);
}
