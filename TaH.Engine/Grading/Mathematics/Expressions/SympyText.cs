using System.Globalization;
using System.Numerics;

namespace TaH.Engine;

/// <summary>Writes expressions as sympy's str does, terms in written order but for numbers (by size, behind symbols) and lone letters.</summary>
internal static class SympyText
{
    private const int SumLevel = 1;
    private const int ProductLevel = 2;
    private const int PowerLevel = 3;

    /// <summary>The text of an expression.</summary>
    public static string Of(MathExpression value) => value switch
    {
        IntegerNumber whole => whole.Value.ToString(CultureInfo.InvariantCulture),
        RationalNumber fraction => $"{fraction.Value.Numerator}/{fraction.Value.Denominator}",
        DecimalNumber number => Decimal(number),
        Symbol symbol => symbol.Name,
        Constant constant => constant.Name switch
        {
            NamedConstant.Pi => "pi",
            NamedConstant.E => "E",
            NamedConstant.ImaginaryUnit => "I",
            _ => "oo",
        },
        Sum sum => OfSum(sum),
        Product product => OfProduct(product),
        Power power => OfPower(power),
        FunctionValue { Name: "log", Arguments: [var argument, Constant { Name: NamedConstant.E }] } => $"log({Of(argument)})",
        FunctionValue call => $"{call.Name}({Joined(call.Arguments)})",
        Relation { Kind: RelationKind.Equal } relation => $"Eq({Of(relation.Left)}, {Of(relation.Right)})",
        Relation { Kind: RelationKind.NotEqual } relation => $"Ne({Of(relation.Left)}, {Of(relation.Right)})",
        Relation relation => $"{Of(relation.Left)} {Sign(relation.Kind)} {Of(relation.Right)}",
        RelationChain chain => string.Join(" & ", chain.Relations.Select(part => part is Relation { Kind: RelationKind.Equal } ? Of(part) : $"({Of(part)})")),
        FiniteSet set => $"{{{string.Join(", ", InOrder(set.Elements).Select(Nested))}}}",
        TupleValue { Elements: [var alone] } => $"({Of(alone)},)",
        TupleValue tuple => $"({string.Join(", ", tuple.Elements.Select(Nested))})",
        Interval interval => $"Interval{Openness(interval)}({Of(interval.Start)}, {Of(interval.End)})",
        NamedSet set => set.Name == KnownSet.Empty ? "EmptySet" : set.Name.ToString(),
        JoinedSet joined => $"{Name(joined.Operator)}({Of(joined.Left)}, {Of(joined.Right)})",
        MatrixValue matrix => $"Matrix([\n{string.Join(",\n", matrix.Elements.Chunk(matrix.Columns).Select(row => $"[{Joined(row)}]"))}])",
        _ => value.GetType().Name,
    };

    private static string Joined(IEnumerable<MathExpression> values) => string.Join(", ", values.Select(value => Of(value)));

    private static IEnumerable<MathExpression> InOrder(ExpressionList values) =>
        values.All(value => value is IntegerNumber or RationalNumber or DecimalNumber)
            ? values.OrderBy(value => ExactValue.Of(value, new WorkBudget(10, CancellationToken.None))!.Value.ToDouble())
            : values;

    private static string Sign(RelationKind kind) => kind switch
    {
        RelationKind.Less => "<",
        RelationKind.LessOrEqual => "<=",
        RelationKind.Greater => ">",
        _ => ">=",
    };

    private static string Openness(Interval interval) => (interval.LeftOpen, interval.RightOpen) switch
    {
        (true, true) => ".open",
        (true, false) => ".Lopen",
        (false, true) => ".Ropen",
        _ => "",
    };

    private static string Name(SetOperator joined) => joined switch
    {
        SetOperator.Union => "Union",
        SetOperator.Intersection => "Intersection",
        _ => "Complement",
    };

    /// <summary>As many significant digits as the number stands for, zeros included.</summary>
    private static string Decimal(DecimalNumber number)
    {
        var value = number.Value;
        if (value.Numerator.IsZero) return "0";
        var sign = value.Numerator.Sign < 0 ? "-" : "";
        var exponent = (int)Math.Floor(BigInteger.Log10(BigInteger.Abs(value.Numerator)) - BigInteger.Log10(value.Denominator));
        var digits = Digits(value, number.Digits, exponent);
        if (digits.Length > number.Digits) digits = Digits(value, number.Digits, ++exponent);
        else if (digits.Length < number.Digits) digits = Digits(value, number.Digits, --exponent);
        if (exponent < -4 || exponent >= number.Digits) return $"{sign}{digits[0]}.{digits[1..]}e{(exponent < 0 ? "-" : "+")}{Math.Abs(exponent):00}".Replace("e-0", "e-");
        return exponent < 0
            ? $"{sign}0.{new string('0', -exponent - 1)}{digits}"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static string Digits(ExactRational value, int count, int exponent)
    {
        var shift = count - 1 - exponent;
        var scaled = shift >= 0
            ? ExactRational.Of(BigInteger.Abs(value.Numerator) * BigInteger.Pow(10, shift), value.Denominator)
            : ExactRational.Of(BigInteger.Abs(value.Numerator), value.Denominator * BigInteger.Pow(10, -shift));
        return scaled is { } whole ? whole.Rounded(0).Numerator.ToString(CultureInfo.InvariantCulture) : "0";
    }

    /// <summary>Inside other expressions decimals lose their zeros.</summary>
    private static string Nested(MathExpression value)
    {
        var text = Of(value);
        if (value is not DecimalNumber || text.Contains('e')) return text;
        text = text.TrimEnd('0');
        return text.EndsWith('.') ? text + "0" : text;
    }

    private static string OfSum(Sum sum)
    {
        var terms = InOrder(sum.Terms).OrderBy(term => SymbolNames.In(term).Count == 0 ? 1 : 0).Select(term => Of(term, SumLevel)).ToArray();
        return terms[0] + string.Concat(terms.Skip(1).Select(term => term.StartsWith('-') ? " - " + term[1..] : " + " + term));
    }

    private static string OfProduct(Product product)
    {
        var upper = new List<string>();
        var lower = new List<string>();
        var letters = product.Factors.All(factor => factor is Symbol or Constant);
        foreach (var factor in letters ? product.Factors.OrderBy(Of, StringComparer.OrdinalIgnoreCase) : product.Factors.AsEnumerable())
        {
            if (factor is Power { Exponent: IntegerNumber exponent } power && exponent.Value == -1) lower.Add(Of(power.Base, PowerLevel + 1));
            else upper.Add(Of(factor, ProductLevel + 1));
        }
        var sign = "";
        if (upper is ["-1", _, ..] && !char.IsAsciiDigit(upper[1][0]))
        {
            sign = "-";
            upper.RemoveAt(0);
        }
        var top = upper.Count == 0 ? "1" : string.Join("*", upper);
        if (lower.Count == 0) return sign + top;
        return $"{sign}{(upper.Count > 1 ? $"({top})" : top)}/{(lower.Count > 1 ? $"({string.Join("*", lower)})" : lower[0])}";
    }

    private static string OfPower(Power power) => power switch
    {
        { Exponent: RationalNumber half } when half.Equals(Power.Half) => $"sqrt({Of(power.Base)})",
        { Base: Constant { Name: NamedConstant.E } } => $"exp({Of(power.Exponent)})",
        _ => $"{Of(power.Base, PowerLevel + 1)}**{Of(power.Exponent, PowerLevel + 1)}",
    };

    private static string Of(MathExpression value, int level)
    {
        var own = value switch
        {
            Sum => SumLevel,
            Product => ProductLevel,
            RationalNumber => ProductLevel,
            IntegerNumber { Value.Sign: < 0 } or DecimalNumber { Value.Numerator.Sign: < 0 } => level > PowerLevel ? SumLevel : PowerLevel + 1,
            Power power when !power.Exponent.Equals(Power.Half) && power.Base is not Constant => PowerLevel,
            _ => PowerLevel + 1,
        };
        var text = Nested(value);
        return own < level ? $"({text})" : text;
    }
}
