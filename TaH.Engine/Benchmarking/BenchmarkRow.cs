namespace TaH.Engine;

/// <summary>A measured row of a benchmark.</summary>
/// <param name="Test">What ran.</param>
/// <param name="Batch">Sequences that ran together.</param>
/// <param name="ContinueRate">The share of tokens that took a second pass: as asked for, or as it turned out under a policy.</param>
/// <param name="TokensPerSecond">Tokens of all sequences a second, the mean of the repetitions.</param>
/// <param name="StandardDeviation">Of the repetitions, in tokens a second; 0 for a single one.</param>
/// <param name="CeilingTokensPerSecond">What the device's ceilings would allow: each pass takes the longer of reading its bytes and doing its
/// operations.</param>
public sealed record BenchmarkRow(
    BenchmarkTest Test, int Batch, double ContinueRate, double TokensPerSecond, double StandardDeviation, double CeilingTokensPerSecond)
{
    /// <summary>The share of the ceiling that was reached.</summary>
    public double ShareOfCeiling => TokensPerSecond / CeilingTokensPerSecond;

    /// <summary>Mean and sample standard deviation of the repetitions' speeds.</summary>
    internal static (double Mean, double Deviation) Summarize(IReadOnlyList<double> speeds)
    {
        var mean = speeds.Average();
        return (mean, speeds.Count < 2 ? 0 : Math.Sqrt(speeds.Sum(speed => (speed - mean) * (speed - mean)) / (speeds.Count - 1)));
    }
}
