namespace TaH.Tests;

/// <summary>Gradients of double-precision code by central differences: what a reference of a backward pass is checked against.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-5;

    /// <summary>Fails unless <paramref name="gradient"/> is the gradient of <paramref name="loss"/> at a point.</summary>
    /// <param name="loss">A smooth function.</param>
    /// <param name="point">Where; changed and restored.</param>
    /// <param name="gradient">As long as the point.</param>
    public static void Verify(Func<double> loss, double[] point, IReadOnlyList<double> gradient)
    {
        Assert.Equal(point.Length, gradient.Count);
        // A third derivative of the size of the gradient costs Step^2, the difference of two nearly equal losses 2^-52 of them over Step.
        var bound = 1e-7 * (1 + Math.Abs(loss()) + gradient.Max(Math.Abs));
        for (var i = 0; i < point.Length; i++)
        {
            var value = point[i];
            point[i] = value + Step;
            var above = loss();
            point[i] = value - Step;
            var below = loss();
            point[i] = value;
            var slope = (above - below) / (2 * Step);
            Assert.True(Math.Abs(slope - gradient[i]) <= bound, $"element {i} of {point.Length}: slope {slope:g9}, gradient {gradient[i]:g9}");
        }
    }

    /// <summary>The sum of products: a loss whose gradient by <paramref name="values"/> is <paramref name="upstream"/>.</summary>
    public static double Dot(IEnumerable<double> values, IEnumerable<double> upstream) => values.Zip(upstream, (a, b) => a * b).Sum();

    /// <summary>The same numbers in double precision.</summary>
    public static double[] Widen(this float[] values) => [.. values.Select(value => (double)value)];
}
