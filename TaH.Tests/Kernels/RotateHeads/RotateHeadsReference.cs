namespace TaH.Tests;

/// <summary>Double precision, plain loops; angles as in <see cref="RotateAndStoreReference"/>.</summary>
internal static class RotateHeadsReference
{
    public static double[] Forward(double[] x, double[] weight, int[] positions, double theta, RotateHeadsShape shape)
    {
        var y = new double[x.Length];
        ForEachPair(positions, theta, shape, (start, i, high, cos, sin) =>
        {
            var scale = Scale(x, start, shape);
            double a = x[start + i] * scale * weight[i], b = x[start + high] * scale * weight[high];
            y[start + i] = (a * cos) - (b * sin);
            y[start + high] = (b * cos) + (a * sin);
        });
        return y;
    }

    public static (double[] Dx, double[] DWeight) Backward(
        double[] x, double[] weight, int[] positions, double theta, double[] dy, RotateHeadsShape shape)
    {
        double[] turned = new double[x.Length], dx = new double[x.Length], dWeight = new double[shape.HeadDim];
        ForEachPair(positions, theta, shape, (start, i, high, cos, sin) =>
        {
            turned[start + i] = (dy[start + i] * cos) + (dy[start + high] * sin);
            turned[start + high] = (dy[start + high] * cos) - (dy[start + i] * sin);
        });
        for (var start = 0; start < x.Length; start += shape.HeadDim)
        {
            var scale = Scale(x, start, shape);
            var products = 0.0;
            for (var i = 0; i < shape.HeadDim; i++) products += turned[start + i] * weight[i] * x[start + i];
            for (var i = 0; i < shape.HeadDim; i++)
            {
                dx[start + i] = (scale * turned[start + i] * weight[i]) - (scale * scale * scale * x[start + i] * products / shape.HeadDim);
                dWeight[i] += turned[start + i] * x[start + i] * scale;
            }
        }
        return (dx, dWeight);
    }

    private static double Scale(double[] x, int start, RotateHeadsShape shape) =>
        1 / Math.Sqrt((x.AsSpan(start, shape.HeadDim).ToArray().Sum(value => value * value) / shape.HeadDim) + shape.Epsilon);

    private static void ForEachPair(int[] positions, double theta, RotateHeadsShape shape, Action<int, int, int, double, double> visit)
    {
        for (var head = 0; head < shape.Rows * shape.Heads; head++)
        for (var i = 0; i < shape.HeadDim / 2; i++)
        {
            double angle = RotateAndStoreReference.Angle(positions[head / shape.Heads], i, shape.HeadDim, theta);
            visit(head * shape.HeadDim, i, i + (shape.HeadDim / 2), Math.Cos(angle), Math.Sin(angle));
        }
    }
}
