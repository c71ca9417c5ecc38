namespace TaH.Engine;

/// <summary>A step's loss or gradient is infinite or not a number: the run cannot go on.</summary>
/// <param name="step">From 1.</param>
/// <param name="fact">What is wrong.</param>
public sealed class NonFiniteLossException(int step, string fact) : Exception($"step {step}: {fact}")
{
    /// <summary>From 1.</summary>
    public int Step { get; } = step;
}
