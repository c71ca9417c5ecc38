namespace TaH.Tests;

/// <summary>Double precision: the error function by its series of positive terms near zero and by its continued fraction in the tail.</summary>
internal static class GeluReference
{
    public static double Run(double x) => x / 2 * Erfc(-x / Math.Sqrt(2));

    public static double Erfc(double z)
    {
        if (z < 0) return 2 - Erfc(-z);
        if (z < 2)
        {
            // erf z = 2 / sqrt(pi) * exp(-z^2) * sum of z (2 z^2)^n / (1 * 3 * ... * (2 n + 1))
            double term = z, sum = z;
            for (var n = 1; term > sum * 1e-18; n++) sum += term *= 2 * z * z / ((2 * n) + 1);
            return 1 - (2 / Math.Sqrt(Math.PI) * Math.Exp(-z * z) * sum);
        }
        // erfc z = exp(-z^2) / sqrt(pi) / (z + (1/2) / (z + (2/2) / (z + (3/2) / (z + ...)))), from the inside out
        var fraction = z;
        for (var n = 200; n > 0; n--) fraction = z + (n / 2.0 / fraction);
        return Math.Exp(-z * z) / Math.Sqrt(Math.PI) / fraction;
    }
}
