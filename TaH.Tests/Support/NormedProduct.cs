namespace TaH.Tests;

/// <summary>A weight times normalised rows, in double precision, and how far an f32 kernel may be off.</summary>
internal static class NormedProduct
{
    public static (double[] Y, double[] Bounds) Run(float[] x, float[] gain, float[] weight, int outer, RmsNormShape shape)
    {
        var normed = RmsNormReference.Run(x, gain, shape).Select(value => (float)value).ToArray();
        var product = new MatMulShape(shape.Rows, shape.Hidden, outer);
        var (y, sizes) = MatMulReference.Run(normed, weight, null, new float[shape.Rows * outer], product);
        // The product's roundings as in MatMulProblem and the norm's as in RmsNormTests, both relative to each term; the reference rounds each once.
        var bound = (shape.Hidden + 3 + (shape.Hidden / 2) + 8 + 1) * Math.Pow(2, -24);
        return (y, [.. sizes.Select(size => bound * size)]);
    }
}
