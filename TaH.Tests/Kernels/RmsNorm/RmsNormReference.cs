namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class RmsNormReference
{
    public static double[] Run(float[] x, float[] weight, RmsNormShape shape)
    {
        var y = new double[x.Length];
        for (var row = 0; row < shape.Rows; row++)
        {
            var squares = 0.0;
            for (var i = 0; i < shape.Hidden; i++) squares += (double)x[(row * shape.Hidden) + i] * x[(row * shape.Hidden) + i];
            var scale = 1 / Math.Sqrt((squares / shape.Hidden) + shape.Epsilon);
            for (var i = 0; i < shape.Hidden; i++) y[(row * shape.Hidden) + i] = x[(row * shape.Hidden) + i] * scale * weight[i];
        }
        return y;
    }
}
