namespace TaH.Tests;

/// <summary>Double precision, plain loops; only the angle is rounded to f32, where transformers rounds it.</summary>
internal static class RotateAndStoreReference
{
    /// <summary>Norm and rotation of heads [rows, heads, headDim].</summary>
    public static double[] Rotate(float[] heads, float[] norm, int[] positions, int headDim, double theta, double epsilon)
    {
        var result = new double[heads.Length];
        var headsOfRow = heads.Length / (positions.Length * headDim);
        for (var head = 0; head < heads.Length / headDim; head++)
        {
            var start = head * headDim;
            var squares = 0.0;
            for (var i = 0; i < headDim; i++) squares += (double)heads[start + i] * heads[start + i];
            var scale = 1 / Math.Sqrt((squares / headDim) + epsilon);
            for (var i = 0; i < headDim / 2; i++)
            {
                double angle = Angle(positions[head / headsOfRow], i, headDim, theta);
                var low = heads[start + i] * scale * norm[i];
                var high = heads[start + (headDim / 2) + i] * scale * norm[(headDim / 2) + i];
                result[start + i] = (low * Math.Cos(angle)) - (high * Math.Sin(angle));
                result[start + (headDim / 2) + i] = (high * Math.Cos(angle)) + (low * Math.Sin(angle));
            }
        }
        return result;
    }

    /// <summary>
    /// position / theta^(2i / headDim) with the three roundings of the official code: the exponent is exact, the power, its inverse and the product
    /// are f32.
    /// </summary>
    public static float Angle(int position, int i, int headDim, double theta)
    {
        var power = (float)Math.Pow(theta, 2.0f * i / headDim);
        var frequency = 1f / power;
        return position * frequency;
    }
}
