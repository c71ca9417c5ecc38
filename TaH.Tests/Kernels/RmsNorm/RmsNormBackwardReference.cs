namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class RmsNormBackwardReference
{
    public static double[] Forward(double[] x, double[] weight, RmsNormShape shape)
    {
        var y = new double[x.Length];
        for (var row = 0; row < shape.Rows; row++)
        {
            var scale = Scale(x, row, shape);
            for (var i = 0; i < shape.Hidden; i++) y[(row * shape.Hidden) + i] = x[(row * shape.Hidden) + i] * scale * weight[i];
        }
        return y;
    }

    public static (double[] Dx, double[] DWeight) Run(double[] x, double[] weight, double[] dy, RmsNormShape shape)
    {
        var (dx, dWeight) = (new double[x.Length], new double[shape.Hidden]);
        for (var row = 0; row < shape.Rows; row++)
        {
            var start = row * shape.Hidden;
            var scale = Scale(x, row, shape);
            var products = 0.0;
            for (var i = 0; i < shape.Hidden; i++) products += dy[start + i] * weight[i] * x[start + i];
            for (var i = 0; i < shape.Hidden; i++)
            {
                dx[start + i] = (scale * dy[start + i] * weight[i]) - (scale * scale * scale * x[start + i] * products / shape.Hidden);
                dWeight[i] += dy[start + i] * x[start + i] * scale;
            }
        }
        return (dx, dWeight);
    }

    private static double Scale(double[] x, int row, RmsNormShape shape) =>
        1 / Math.Sqrt((x.AsSpan(row * shape.Hidden, shape.Hidden).ToArray().Sum(value => value * value) / shape.Hidden) + shape.Epsilon);
}
