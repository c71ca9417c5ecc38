namespace TaH.Kernels;

/// <summary>
/// The tail of the normal distribution for f32, our own fit: erfc(z) = exp(-z^2) * P(s) / (z + c) with s = (z - c) / (z + c) and z = |x| / sqrt(2).
/// Dividing out the exponential and the decay leaves a smooth function on [-1, 1), so ten powers do for every z: the Chebyshev interpolant's
/// relative error is below one f32 rounding, and with f32 arithmetic the whole stays under five.
/// </summary>
internal static class NormalTail
{
    /// <summary>From here on exp(-x^2 / 2) is 0 in f32: larger |x| are cut to it, so that infinity meets no 0 and no other infinity.</summary>
    public const float Far = 16f;

    public const float RootHalf = 0.707106781f;
    public const float Centre = 1.5f;
    public const float C0 = 0.96475625f;
    public const float C1 = -0.50785023f;
    public const float C2 = 0.0756231993f;
    public const float C3 = 0.0477739237f;
    public const float C4 = -0.00813587569f;
    public const float C5 = -0.00949890539f;
    public const float C6 = -0.000743498444f;
    public const float C7 = 0.00188357732f;
    public const float C8 = 0.000762997835f;
    public const float C9 = -0.000213543652f;
    public const float C10 = -0.000168283921f;
}
