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

    /// <inheritdoc/>
    public override bool NeedsDecider => true;

    /// <inheritdoc/>
    public override bool MayGoOn(int position, int depth) => depth == 0;

    /// <inheritdoc/>
    // Error diffusion: the tokens that went on up to a position are its share of them, rounded.
    public override bool GoesOn(int position, int depth, float deciderLogit) => depth == 0 && Due(position + 1L) > Due(position);

    private long Due(long positions) => (long)Math.Floor((positions * Rate) + _phase);
}
