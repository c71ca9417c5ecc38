namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class MatMulReference
{
    /// <summary>The result, and for each element the sum of the sizes of all terms: what rounding errors are a share of.</summary>
    public static (double[] Y, double[] Sizes) Run(float[] x, float[] weight, float[]? bias, float[] y, MatMulShape shape)
    {
        var result = new double[y.Length];
        var sizes = new double[y.Length];
        for (var row = 0; row < shape.Rows; row++)
        for (var output = 0; output < shape.Outer; output++)
        {
            double sum = 0, size = 0;
            for (var i = 0; i < shape.Inner; i++)
            {
                var term = (double)x[(row * shape.Inner) + i] * weight[(output * shape.Inner) + i];
                sum += term;
                size += Math.Abs(term);
            }
            var at = (row * shape.Outer) + output;
            var before = shape.Accumulate ? y[at] : 0.0;
            var added = bias?[output] ?? 0.0;
            result[at] = (shape.Alpha * sum) + added + before;
            sizes[at] = (Math.Abs(shape.Alpha) * size) + Math.Abs(added) + Math.Abs(before);
        }
        return (result, sizes);
    }
}
