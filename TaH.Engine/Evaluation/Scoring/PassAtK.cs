using System.Numerics;

namespace TaH.Engine;

/// <summary>The chance that one of k samples solves a problem, estimated without bias from n of them.</summary>
/// <remarks>1 - C(n-c, k) / C(n, k), from arXiv 2107.03374; whole numbers until the division.</remarks>
public static class PassAtK
{
    private const int Bits = 64;

    /// <summary>The estimate of one problem.</summary>
    /// <param name="samples">n, at least k.</param>
    /// <param name="correct">c of them are right.</param>
    /// <param name="k">At least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The numbers cannot be.</exception>
    public static double Of(int samples, int correct, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(k, samples);
        ArgumentOutOfRangeException.ThrowIfNegative(correct);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(correct, samples);
        var (all, wrong) = (Choose(samples, k), Choose(samples - correct, k));
        return Ratio(all - wrong, all);
    }

    /// <summary>Which k are worth a column: powers of two, and all samples.</summary>
    public static IEnumerable<int> Columns(int samples)
    {
        for (var k = 1; k < samples; k *= 2) yield return k;
        if (samples > 0) yield return samples;
    }

    /// <summary>Ways to choose k of n.</summary>
    internal static BigInteger Choose(int n, int k)
    {
        if (k > n) return BigInteger.Zero;
        var ways = BigInteger.One;
        for (var i = 1; i <= k; i++) ways = ways * (n - k + i) / i;
        return ways;
    }

    /// <summary>A quotient between 0 and 1, rounded once.</summary>
    internal static double Ratio(BigInteger part, BigInteger whole) => Math.ScaleB((double)((part << Bits) / whole), -Bits);
}
