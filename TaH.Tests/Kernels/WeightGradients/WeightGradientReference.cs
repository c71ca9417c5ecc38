namespace TaH.Tests;

/// <summary>gradient + alpha * dy^T x in double, term by term.</summary>
internal static class WeightGradientReference
{
    /// <summary>The gradient [outer, inner], and for each element the sum of the sizes of its terms.</summary>
    public static (double[] Gradient, double[] Sizes) Run(
        ReadOnlySpan<float> dy, ReadOnlySpan<float> x, ReadOnlySpan<float> before, int rows, int outer, int inner, float alpha)
    {
        var gradient = new double[outer * inner];
        var sizes = new double[outer * inner];
        for (var row = 0; row < rows; row++)
        for (var o = 0; o < outer; o++)
        {
            double left = alpha * (double)dy[(row * outer) + o];
            var right = x.Slice(row * inner, inner);
            for (var i = 0; i < inner; i++)
            {
                gradient[(o * inner) + i] += left * right[i];
                sizes[(o * inner) + i] += Math.Abs(left * right[i]);
            }
        }
        for (var at = 0; at < gradient.Length; at++)
        {
            gradient[at] += before[at];
            sizes[at] += Math.Abs(before[at]);
        }
        return (gradient, sizes);
    }
}
