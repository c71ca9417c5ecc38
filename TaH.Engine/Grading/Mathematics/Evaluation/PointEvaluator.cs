using System.Numerics;

namespace TaH.Engine;

/// <summary>
/// The value of an expression when every symbol stands for a number that its name and a seed decide, in complex doubles. Real symbols get real numbers.
/// Unknown functions are smooth functions that their names decide.
/// </summary>
internal sealed class PointEvaluator(int seed, WorkBudget work)
{
    private const int LongestSeries = 2000;

    private readonly Dictionary<string, Complex> _bound = [];

    /// <summary>The value, or null where it is not defined, not finite or cannot be computed.</summary>
    public Complex? Of(MathExpression value)
    {
        work.Spend();
        var result = value switch
        {
            IntegerNumber whole => (double)whole.Value,
            RationalNumber fraction => fraction.Value.ToDouble(),
            DecimalNumber number => number.Value.ToDouble(),
            Constant constant => Of(constant.Name),
            Symbol symbol => _bound.TryGetValue(symbol.Name, out var bound) ? bound : Of(symbol),
            Sum sum => Fold(sum.Terms, Complex.Zero, (a, b) => a + b),
            Product product => Fold(product.Factors, Complex.One, (a, b) => a * b),
            Power power => Of(power),
            FunctionValue { IsUnknown: true } call => Unknown(call),
            FunctionValue { Name: "Sum" or "Product" } series => Series(series),
            FunctionValue call => Known(call),
            _ => null,
        };
        return result is { } number_ && !double.IsNaN(number_.Real) && !double.IsNaN(number_.Imaginary) ? number_ : null;
    }

    private static Complex Of(NamedConstant constant) => constant switch
    {
        NamedConstant.Pi => Math.PI,
        NamedConstant.E => Math.E,
        NamedConstant.ImaginaryUnit => Complex.ImaginaryOne,
        _ => double.PositiveInfinity,
    };

    private Complex Of(Symbol symbol)
    {
        var random = new Random(StableHash.Of(symbol.Name, seed));
        var real = random.NextDouble() * 2.5 + 0.25;
        if (seed % 3 == 2 || (seed % 3 == 1 && random.Next(2) == 0)) real = -real;
        return symbol.IsReal ? real : new Complex(real, random.NextDouble() * 2 - 1);
    }

    private Complex? Fold(ExpressionList values, Complex start, Func<Complex, Complex, Complex> join)
    {
        Complex? total = start;
        foreach (var value in values)
        {
            total = Of(value) is { } next && total is { } sum ? join(sum, next) : null;
            if (total is null) return null;
        }
        return total;
    }

    private Complex? Of(Power power)
    {
        if (Of(power.Base) is not { } number || Of(power.Exponent) is not { } exponent) return null;
        if (number == Complex.Zero) return exponent.Real > 0 ? Complex.Zero : exponent == Complex.Zero ? Complex.One : null;
        if (exponent == -1) return 1 / number;
        if (exponent == 0.5) return Complex.Sqrt(number);
        if (exponent.Imaginary == 0 && exponent.Real == Math.Floor(exponent.Real) && Math.Abs(exponent.Real) <= 1024) return WholePower(number, (int)exponent.Real);
        return number.Imaginary == 0 && number.Real > 0 && exponent.Imaginary == 0 ? Math.Pow(number.Real, exponent.Real) : Complex.Exp(exponent * Complex.Log(number));
    }

    private static Complex WholePower(Complex number, int exponent)
    {
        var power = Complex.One;
        var square = exponent < 0 ? 1 / number : number;
        for (var left = Math.Abs(exponent); left > 0; left >>= 1, square *= square)
        {
            if ((left & 1) == 1) power *= square;
        }
        return power;
    }

    private Complex? Unknown(FunctionValue call)
    {
        var random = new Random(StableHash.Of(call.Name, seed));
        var total = new Complex(random.NextDouble(), 0);
        foreach (var argument in call.Arguments)
        {
            if (Of(argument) is not { } value) return null;
            total = total * 0.7 + Complex.Sin(value * (0.3 + random.NextDouble()) + random.NextDouble());
        }
        return total;
    }

    private Complex? Series(FunctionValue series)
    {
        if (series.Arguments is not [var term, Symbol variable, var first, var last]) return null;
        if (ExactValue.Of(first, work) is not { IsInteger: true } from || ExactValue.Of(last, work) is not { IsInteger: true } to) return null;
        if (to.Numerator - from.Numerator > LongestSeries || BigInteger.Abs(from.Numerator) > int.MaxValue) return null;
        var isSum = series.Name == "Sum";
        var total = isSum ? Complex.Zero : Complex.One;
        var outer = _bound.TryGetValue(variable.Name, out var before) ? before : (Complex?)null;
        Complex? value = total;
        for (var i = from.Numerator; i <= to.Numerator && value is not null; i++)
        {
            _bound[variable.Name] = (double)i;
            value = Of(term) is { } next ? isSum ? value + next : value * next : null;
        }
        if (outer is { } restored) _bound[variable.Name] = restored;
        else _bound.Remove(variable.Name);
        return value;
    }

    private Complex? Known(FunctionValue call)
    {
        var arguments = new List<Complex>();
        foreach (var argument in call.Arguments)
        {
            if (Of(argument) is not { } value) return null;
            arguments.Add(value);
        }
        return arguments switch
        {
            [var a] => ComplexFunctions.Of(call.Name, a),
            [var a, var b] when ComplexFunctions.Of(call.Name, a, b) is { } value => value,
            _ when arguments.Count > 0 && arguments.TrueForAll(a => a.Imaginary == 0) => call.Name switch
            {
                "max" => arguments.Max(a => a.Real),
                "min" => arguments.Min(a => a.Real),
                _ => null,
            },
            _ => null,
        };
    }
}
