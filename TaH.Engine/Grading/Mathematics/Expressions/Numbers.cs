using System.Numerics;

namespace TaH.Engine;

/// <summary>A whole number.</summary>
public sealed record IntegerNumber(BigInteger Value) : MathExpression
{
    /// <summary>1.</summary>
    public static readonly IntegerNumber One = new(BigInteger.One);

    /// <summary>-1.</summary>
    public static readonly IntegerNumber MinusOne = new(BigInteger.MinusOne);
}

/// <summary>A fraction in lowest terms whose denominator is at least 2; made by <see cref="ExactRational.ToExpression"/>.</summary>
public sealed record RationalNumber(ExactRational Value) : MathExpression;

/// <summary>A number written with a decimal point. Its value is exact here, yet it is compared as a rounded one.</summary>
/// <param name="Value">The written value.</param>
/// <param name="Digits">Significant digits it stands for, at least 15, as sympy's Float.</param>
public sealed record DecimalNumber(ExactRational Value, int Digits) : MathExpression;
