namespace TaH.Engine;

/// <summary>A measured row of a benchmark.</summary>
/// <param name="Test">What ran.</param>
/// <param name="Batch">Sequences that ran together.</param>
/// <param name="ContinueRate">The share of tokens that took a second pass: as asked for, or as it turned out under a policy.</param>
/// <param name="TokensPerSecond">Tokens of all sequences a second, the mean of the repetitions.</param>
/// <param name="StandardDeviation">Of the repetitions, in tokens a second; 0 for a single one.</param>
/// <param name="Passes">What each pass of a repetition costs at the least.</param>
public sealed record BenchmarkRow(
    BenchmarkTest Test, int Batch, double ContinueRate, double TokensPerSecond, double StandardDeviation, IReadOnlyList<Cost> Passes)
{
    /// <summary>
    /// The share of the ceiling that was reached. Decoding has to read every pass's bytes, at any batch size; a prefill's pass takes that long or as
    /// long as its operations, whichever is more.
    /// </summary>
    /// <param name="ceilings">What the device can do.</param>
    public double ShareOf(DeviceCeilings ceilings) =>
        TokensPerSecond * Passes.Sum(pass => LeastSeconds(pass, ceilings)) / ((double)Test.Tokens * Batch);

    /// <summary>Mean and sample standard deviation of the repetitions' speeds.</summary>
    internal static (double Mean, double Deviation) Summarize(IReadOnlyList<double> speeds)
    {
        var mean = speeds.Average();
        return (mean, speeds.Count < 2 ? 0 : Math.Sqrt(speeds.Sum(speed => (speed - mean) * (speed - mean)) / (speeds.Count - 1)));
    }

    // The matrix ceiling is our own kernel's rate: held against it, a slow kernel would make decoding look good.
    private double LeastSeconds(Cost pass, DeviceCeilings ceilings)
    {
        var reading = pass.Bytes / ceilings.ReadBytesPerSecond;
        return Test.Kind == BenchmarkKind.Decode ? reading : Math.Max(reading, pass.Flops / ceilings.MatrixFlopsPerSecond);
    }
}
