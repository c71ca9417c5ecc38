using System.Numerics;

namespace TaH.Engine;

/// <summary>
/// The value of an expression in the field of residues modulo 2^61 - 1, every symbol, root and function standing for a random element. Rational functions
/// with exact coefficients that agree there are the same but for a chance of degree / 2^61, however large their coefficients and powers.
/// </summary>
/// <remarks>Source: Schwartz 1980, "Fast probabilistic algorithms for verification of polynomial identities".</remarks>
internal sealed class FieldEvaluator(int seed, WorkBudget work)
{
    private static readonly BigInteger Modulus = (BigInteger.One << 61) - 1;

    private readonly Dictionary<MathExpression, BigInteger> _atoms = [];
    private readonly Random _random = new(seed);

    /// <summary>The residue, or null where a denominator is zero or the expression is no number.</summary>
    public BigInteger? Of(MathExpression value)
    {
        work.Spend();
        switch (value)
        {
            case IntegerNumber whole: return Reduced(whole.Value);
            case RationalNumber fraction: return Quotient(fraction.Value);
            case DecimalNumber number: return Quotient(number.Value);
            case Sum sum: return Fold(sum.Terms, BigInteger.Zero, (a, b) => a + b);
            case Product product: return Fold(product.Factors, BigInteger.One, (a, b) => a * b);
            case Power power when ExactValue.Of(power.Exponent, work) is { IsInteger: true } exponent: return Raised(power.Base, exponent.Numerator);
            case Symbol or Constant { Name: not NamedConstant.Infinity } or Power or FunctionValue: return Atom(value);
            default: return null;
        }
    }

    private BigInteger Atom(MathExpression value)
    {
        if (!_atoms.TryGetValue(value, out var residue)) _atoms[value] = residue = new BigInteger(_random.NextInt64(2, long.MaxValue >> 3));
        return residue;
    }

    private BigInteger? Raised(MathExpression number, BigInteger exponent)
    {
        if (Of(number) is not { } residue) return null;
        if (exponent.Sign >= 0) return BigInteger.ModPow(residue, exponent, Modulus);
        return residue.IsZero ? null : BigInteger.ModPow(BigInteger.ModPow(residue, -exponent, Modulus), Modulus - 2, Modulus);
    }

    private BigInteger? Fold(ExpressionList values, BigInteger total, Func<BigInteger, BigInteger, BigInteger> join)
    {
        foreach (var value in values)
        {
            if (Of(value) is not { } next) return null;
            total = Reduced(join(total, next));
        }
        return total;
    }

    private static BigInteger? Quotient(ExactRational value)
    {
        var lower = Reduced(value.Denominator);
        return lower.IsZero ? null : Reduced(value.Numerator * BigInteger.ModPow(lower, Modulus - 2, Modulus));
    }

    private static BigInteger Reduced(BigInteger value)
    {
        var rest = value % Modulus;
        return rest.Sign < 0 ? rest + Modulus : rest;
    }
}
