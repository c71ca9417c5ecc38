using System.Numerics;

namespace TaH.Engine;

/// <summary>The functions of the grammar over complex doubles, on principal branches.</summary>
internal static class ComplexFunctions
{
    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>The function of one argument, or null for an unknown name or outside its domain.</summary>
    public static Complex? Of(string name, Complex a) => name switch
    {
        "Abs" => Complex.Abs(a),
        "sin" => Complex.Sin(a),
        "cos" => Complex.Cos(a),
        "tan" => Complex.Tan(a),
        "csc" => 1 / Complex.Sin(a),
        "sec" => 1 / Complex.Cos(a),
        "cot" => 1 / Complex.Tan(a),
        "asin" => Complex.Asin(a),
        "acos" => Complex.Acos(a),
        "atan" => Complex.Atan(a),
        "acsc" => Complex.Asin(1 / a),
        "asec" => Complex.Acos(1 / a),
        "acot" => a == Complex.Zero ? Math.PI / 2 : Complex.Atan(1 / a),
        "sinh" => Complex.Sinh(a),
        "cosh" => Complex.Cosh(a),
        "tanh" => Complex.Tanh(a),
        "asinh" => Complex.Log(a + Complex.Sqrt(a * a + 1)),
        "acosh" => Complex.Log(a + Complex.Sqrt(a - 1) * Complex.Sqrt(a + 1)),
        "atanh" => (Complex.Log(1 + a) - Complex.Log(1 - a)) / 2,
        "floor" => Floor(a),
        "ceiling" => -Floor(-a),
        "factorial" => Gamma(a + 1),
        _ => null,
    };

    /// <summary>The function of two arguments, or null for an unknown name or outside its domain.</summary>
    public static Complex? Of(string name, Complex a, Complex b) => name switch
    {
        "log" => b == Math.E ? Complex.Log(a) : Complex.Log(a) / Complex.Log(b),
        "binomial" => Gamma(a + 1) / (Gamma(b + 1) * Gamma(a - b + 1)),
        "Mod" when a.Imaginary == 0 && b.Imaginary == 0 => a.Real - b.Real * Math.Floor(a.Real / b.Real),
        _ => null,
    };

    private static Complex Floor(Complex a) => new(Math.Floor(a.Real), Math.Floor(a.Imaginary));

    private static Complex Gamma(Complex z)
    {
        if (z.Real < 0.5) return Math.PI / (Complex.Sin(Math.PI * z) * Gamma(1 - z));
        z -= 1;
        Complex sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++) sum += Lanczos[i] / (z + i);
        var t = z + Lanczos.Length - 1.5;
        return Math.Sqrt(2 * Math.PI) * Complex.Pow(t, z + 0.5) * Complex.Exp(-t) * sum;
    }
}
