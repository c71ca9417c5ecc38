namespace TaH.Tests;

/// <summary>Comparisons with a bound. Written so that NaN fails.</summary>
internal static class Near
{
    /// <summary>Each element within a share of its expected value: for sums in which nothing cancels.</summary>
    public static void Relative(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double bound) =>
        Each(expected, actual, i => bound * Math.Abs(expected[i]));

    /// <summary>Each element within a bound of its own: for sums that cancel, a share of the sum of the terms' sizes.</summary>
    public static void Absolute(IReadOnlyList<double> expected, IReadOnlyList<float> actual, IReadOnlyList<double> bounds) =>
        Each(expected, actual, i => bounds[i]);

    /// <summary>Each element within one bound.</summary>
    public static void Absolute(IReadOnlyList<double> expected, IReadOnlyList<float> actual, double bound) => Each(expected, actual, _ => bound);

    /// <summary>The norm of the difference within a share of the norm of what is expected: the measure of the golden files.</summary>
    public static void RelativeL2(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, double bound, string what)
    {
        Assert.True(expected.Length == actual.Length, $"{what}: {actual.Length} elements where {expected.Length} are expected");
        double difference = 0, norm = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            difference += ((double)expected[i] - actual[i]) * ((double)expected[i] - actual[i]);
            norm += (double)expected[i] * expected[i];
        }
        var relative = Math.Sqrt(difference) / Math.Max(Math.Sqrt(norm), 1e-30);
        Assert.True(relative <= bound, $"{what}: relative L2 error {relative:g3} is over {bound:g3}");
    }

    private static void Each(IReadOnlyList<double> expected, IReadOnlyList<float> actual, Func<int, double> bound)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var i = 0; i < expected.Count; i++)
        {
            var difference = Math.Abs(expected[i] - actual[i]);
            Assert.True(
                difference <= bound(i),
                $"element {i} of {expected.Count}: expected {expected[i]:g9}, got {actual[i]:g9}, off by {difference:g3}, bound {bound(i):g3}");
        }
    }
}
