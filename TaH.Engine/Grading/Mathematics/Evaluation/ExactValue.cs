using System.Numerics;

namespace TaH.Engine;

/// <summary>The exact value of an expression without symbols that comes to a fraction.</summary>
internal static class ExactValue
{
    private const int LargestFactorial = 3000;

    /// <summary>The fraction, or null when the value is none, is not known to be one, or is too large to write out.</summary>
    public static ExactRational? Of(MathExpression value, WorkBudget work)
    {
        work.Spend();
        return value switch
        {
            IntegerNumber whole => ExactRational.Of(whole.Value),
            RationalNumber fraction => fraction.Value,
            DecimalNumber number => number.Value,
            Sum sum => Fold(sum.Terms, ExactRational.Of(0), (a, b) => a.Plus(b), work),
            Product product => Fold(product.Factors, ExactRational.Of(1), (a, b) => a.Times(b), work),
            Power power => Of(power, work),
            FunctionValue { IsUnknown: false } call => Of(call, work),
            _ => null,
        };
    }

    private static ExactRational? Fold(ExpressionList values, ExactRational start, Func<ExactRational, ExactRational, ExactRational?> join, WorkBudget work)
    {
        ExactRational? total = start;
        foreach (var value in values)
        {
            total = total is { } sum && Of(value, work) is { } next ? join(sum, next) : null;
            if (total is null) return null;
            work.Spend(1 + (int)(total.Value.Numerator.GetBitLength() / 1024));
        }
        return total;
    }

    private static ExactRational? Of(Power power, WorkBudget work)
    {
        if (Of(power.Base, work) is not { } number || Of(power.Exponent, work) is not { } exponent) return null;
        if (exponent.IsInteger) return number.Power(exponent.Numerator);
        if (number.Numerator.Sign < 0 || exponent.Denominator > 64) return null;
        var degree = (int)exponent.Denominator;
        return Root(number.Numerator, degree) is { } upper && Root(number.Denominator, degree) is { } lower
            ? ExactRational.Of(upper, lower)?.Power(exponent.Numerator)
            : null;
    }

    /// <summary>The whole root of a whole number that is not negative, or null when it has none.</summary>
    internal static BigInteger? Root(BigInteger value, int degree)
    {
        if (value.IsZero || value.IsOne) return value;
        var root = BigInteger.One << (int)(value.GetBitLength() / degree + 1);
        while (true)
        {
            var next = ((degree - 1) * root + value / BigInteger.Pow(root, degree - 1)) / degree;
            if (next >= root) break;
            root = next;
        }
        return BigInteger.Pow(root, degree) == value ? root : null;
    }

    private static ExactRational? Of(FunctionValue call, WorkBudget work)
    {
        var arguments = new List<ExactRational>();
        foreach (var argument in call.Arguments)
        {
            if (Of(argument, work) is not { } value) return null;
            arguments.Add(value);
        }
        return (call.Name, arguments) switch
        {
            ("Abs", [var a]) => a.Numerator.Sign < 0 ? a.Negated() : a,
            ("floor", [var a]) => ExactRational.Of(a.Floor()),
            ("ceiling", [var a]) => ExactRational.Of(-a.Negated().Floor()),
            ("factorial", [{ IsInteger: true, Numerator: { Sign: >= 0 } n }]) when n <= LargestFactorial => Factorial((int)n, work),
            ("binomial", [{ IsInteger: true } n, { IsInteger: true } k]) => Binomial(n.Numerator, k.Numerator, work),
            ("gcd", [_, ..]) when arguments.TrueForAll(a => a.IsInteger) =>
                ExactRational.Of(arguments.Aggregate(BigInteger.Zero, (all, a) => BigInteger.GreatestCommonDivisor(all, a.Numerator))),
            ("lcm", [_, ..]) when arguments.TrueForAll(a => a.IsInteger && !a.Numerator.IsZero) => ExactRational.Of(arguments.Aggregate(BigInteger.One, Multiple)),
            ("max", [_, ..]) => arguments.Aggregate((a, b) => a.CompareTo(b) >= 0 ? a : b),
            ("min", [_, ..]) => arguments.Aggregate((a, b) => a.CompareTo(b) <= 0 ? a : b),
            ("Mod", [var a, var b]) when !b.Numerator.IsZero => Remainder(a, b),
            _ => null,
        };
    }

    private static BigInteger Multiple(BigInteger all, ExactRational next) =>
        BigInteger.Abs(all * next.Numerator) / BigInteger.GreatestCommonDivisor(all, next.Numerator);

    private static ExactRational? Remainder(ExactRational a, ExactRational b) =>
        ExactRational.Of(a.Numerator * b.Denominator, a.Denominator * b.Numerator) is { } quotient
            ? b.Times(ExactRational.Of(-quotient.Floor()))?.Plus(a)
            : null;

    private static ExactRational? Factorial(int n, WorkBudget work)
    {
        work.Spend(n);
        var product = BigInteger.One;
        for (var i = 2; i <= n; i++) product *= i;
        return ExactRational.Of(product);
    }

    private static ExactRational? Binomial(BigInteger n, BigInteger k, WorkBudget work)
    {
        if (k.Sign < 0 || n.Sign < 0) return null;
        if (k > n) return ExactRational.Of(0);
        k = BigInteger.Min(k, n - k);
        if (k > LargestFactorial || n.GetBitLength() > 64) return null;
        work.Spend((int)k);
        var value = BigInteger.One;
        for (var i = 1; i <= k; i++) value = value * (n - k + i) / i;
        return ExactRational.Of(value, 1);
    }
}
