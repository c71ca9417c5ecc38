namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class LayerNormReference
{
    public static double[] Run(double[] x, float[] weight, float[] bias, LayerNormShape shape)
    {
        var y = new double[x.Length];
        for (var row = 0; row < shape.Rows; row++)
        {
            var source = x.AsSpan(row * shape.Width, shape.Width).ToArray();
            var mean = source.Average();
            var scale = 1 / Math.Sqrt(source.Average(value => (value - mean) * (value - mean)) + shape.Epsilon);
            for (var i = 0; i < shape.Width; i++) y[(row * shape.Width) + i] = ((source[i] - mean) * scale * weight[i]) + bias[i];
        }
        return y;
    }
}
