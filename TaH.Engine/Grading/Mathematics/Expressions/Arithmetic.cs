namespace TaH.Engine;

/// <summary>Terms added in their written order; a difference is a sum with a factor -1.</summary>
public sealed record Sum(ExpressionList Terms) : MathExpression
{
    /// <summary>left + right with the terms of sums among them joined into one row.</summary>
    public static Sum Of(MathExpression left, MathExpression right) => new([.. Flat(left), .. Flat(right)]);

    /// <summary>left - right; a number changes its sign, anything else gets a factor -1.</summary>
    public static Sum Difference(MathExpression left, MathExpression right) => Of(left, Product.Negated(right));

    private static IEnumerable<MathExpression> Flat(MathExpression value) => value is Sum sum ? sum.Terms : [value];
}

/// <summary>Factors multiplied in their written order; a quotient is a product with a power -1.</summary>
public sealed record Product(ExpressionList Factors) : MathExpression
{
    /// <summary>left * right with the factors of products among them joined into one row.</summary>
    public static Product Of(MathExpression left, MathExpression right) => new([.. Flat(left), .. Flat(right)]);

    /// <summary>upper / lower; two whole numbers become a fraction at once. Null for a whole number over 0.</summary>
    public static MathExpression? Quotient(MathExpression upper, MathExpression lower) =>
        upper is IntegerNumber top && lower is IntegerNumber bottom
            ? ExactRational.Of(top.Value, bottom.Value)?.ToExpression()
            : new Product([upper, new Power(lower, IntegerNumber.MinusOne)]);

    /// <summary>value with its sign changed: a number at once, anything else by a factor -1.</summary>
    public static MathExpression Negated(MathExpression value) => value switch
    {
        IntegerNumber whole => new IntegerNumber(-whole.Value),
        RationalNumber fraction => new RationalNumber(fraction.Value.Negated()),
        DecimalNumber number => new DecimalNumber(number.Value.Negated(), number.Digits),
        _ => Of(IntegerNumber.MinusOne, value),
    };

    /// <summary>number percent: number * 1/100.</summary>
    public static Product Percent(MathExpression number) => new([number, new RationalNumber(ExactRational.Of(1, 100)!.Value)]);

    private static IEnumerable<MathExpression> Flat(MathExpression value) => value is Product product ? product.Factors : [value];
}

/// <summary>Base to the power of Exponent; roots are powers of 1/n.</summary>
public sealed record Power(MathExpression Base, MathExpression Exponent) : MathExpression
{
    /// <summary>1/2.</summary>
    public static readonly RationalNumber Half = new(ExactRational.Of(1, 2)!.Value);

    /// <summary>The square root.</summary>
    public static Power SquareRoot(MathExpression value) => new(value, Half);
}

/// <summary>A function of its arguments: "sin", "log" (argument, base), "factorial", or an unknown one such as "f".</summary>
/// <param name="Name">As sympy names it.</param>
/// <param name="Arguments">In written order.</param>
/// <param name="IsUnknown">Whether the name is the text's own, so that nothing is known of its values.</param>
public sealed record FunctionValue(string Name, ExpressionList Arguments, bool IsUnknown = false) : MathExpression;
