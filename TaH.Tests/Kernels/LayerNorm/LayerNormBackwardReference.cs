namespace TaH.Tests;

/// <summary>Double precision, plain loops; the forward pass is <see cref="LayerNormReference"/>.</summary>
internal static class LayerNormBackwardReference
{
    public static (double[] Dx, double[] DWeight, double[] DBias) Run(double[] x, double[] weight, double[] dy, LayerNormShape shape)
    {
        var (dx, dWeight, dBias) = (new double[x.Length], new double[shape.Width], new double[shape.Width]);
        for (var row = 0; row < shape.Rows; row++)
        {
            var start = row * shape.Width;
            var source = x.AsSpan(start, shape.Width).ToArray();
            var mean = source.Average();
            var scale = 1 / Math.Sqrt(source.Average(value => (value - mean) * (value - mean)) + shape.Epsilon);
            var normed = source.Select(value => (value - mean) * scale).ToArray();
            var gradient = normed.Select((_, i) => dy[start + i] * weight[i]).ToArray();
            var (shift, share) = (gradient.Average(), gradient.Zip(normed, (a, b) => a * b).Average());
            for (var i = 0; i < shape.Width; i++)
            {
                dx[start + i] = scale * (gradient[i] - shift - (normed[i] * share));
                dWeight[i] += dy[start + i] * normed[i];
                dBias[i] += dy[start + i];
            }
        }
        return (dx, dWeight, dBias);
    }
}
