using System.Globalization;
using System.Numerics;

namespace TaH.Engine;

/// <summary>An exact fraction in lowest terms with a positive denominator.</summary>
public readonly record struct ExactRational
{
    /// <summary>Past this many bits arithmetic is refused.</summary>
    public const long MaxBits = 1 << 16;

    private ExactRational(BigInteger numerator, BigInteger denominator) => (Numerator, Denominator) = (numerator, denominator);

    /// <summary>Carries the sign.</summary>
    public BigInteger Numerator { get; }

    /// <summary>Positive.</summary>
    public BigInteger Denominator { get; }

    /// <summary>Whether the denominator is 1.</summary>
    public bool IsInteger => Denominator.IsOne;

    /// <summary>A whole number.</summary>
    public static ExactRational Of(BigInteger value) => new(value, BigInteger.One);

    /// <summary>numerator / denominator; null when the denominator is zero or the size is past <see cref="MaxBits"/>.</summary>
    public static ExactRational? Of(BigInteger numerator, BigInteger denominator)
    {
        if (denominator.IsZero || numerator.GetBitLength() > MaxBits || denominator.GetBitLength() > MaxBits) return null;
        var divisor = BigInteger.GreatestCommonDivisor(numerator, denominator) * denominator.Sign;
        return new ExactRational(numerator / divisor, denominator / divisor);
    }

    /// <summary>The value of digits with at most one point and an optional power of ten, "2.50" or "1.5E-3"; null when that is too large.</summary>
    public static ExactRational? OfDecimal(string text)
    {
        var mark = text.IndexOfAny(['E', 'e']);
        var power = 0;
        if (mark >= 0 && (!int.TryParse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out power) || Math.Abs(power) > 4000))
            return null;
        var mantissa = mark < 0 ? text : text[..mark];
        var point = mantissa.IndexOf('.');
        if (point >= 0) power -= mantissa.Length - point - 1;
        var digits = mantissa.Replace(".", "");
        if (digits.Length > 10_000 || !BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)) return null;
        return power < 0 ? Of(value, BigInteger.Pow(10, -power)) : Of(value * BigInteger.Pow(10, power), BigInteger.One);
    }

    /// <summary>The number as a leaf of a tree.</summary>
    public MathExpression ToExpression() => IsInteger ? new IntegerNumber(Numerator) : new RationalNumber(this);

    /// <summary>this + other, or null past the size limit.</summary>
    public ExactRational? Plus(ExactRational other) =>
        Of(Numerator * other.Denominator + other.Numerator * Denominator, Denominator * other.Denominator);

    /// <summary>this * other, or null past the size limit.</summary>
    public ExactRational? Times(ExactRational other) => Of(Numerator * other.Numerator, Denominator * other.Denominator);

    /// <summary>this to a whole power, or null for 0 to a negative one and past the size limit.</summary>
    public ExactRational? Power(BigInteger exponent)
    {
        var size = BigInteger.Abs(exponent);
        if (Numerator.IsZero && exponent.Sign < 0) return null;
        if (Numerator.IsZero || (BigInteger.Abs(Numerator).IsOne && Denominator.IsOne))
            return exponent.IsZero || !exponent.IsEven ? exponent.IsZero ? Of(1) : this : Of(BigInteger.Abs(Numerator));
        if (size * Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength()) > MaxBits) return null;
        BigInteger up = BigInteger.Pow(Numerator, (int)size), down = BigInteger.Pow(Denominator, (int)size);
        return exponent.Sign < 0 ? Of(down, up) : Of(up, down);
    }

    /// <summary>this with its sign changed.</summary>
    public ExactRational Negated() => new(-Numerator, Denominator);

    /// <summary>The nearest multiple of 10^-places, halves to the even one.</summary>
    public ExactRational Rounded(int places)
    {
        var scale = BigInteger.Pow(10, places);
        var (floor, rest) = FloorAndRest(Numerator * scale, Denominator);
        var twice = rest * 2;
        if (twice > Denominator || (twice == Denominator && !floor.IsEven)) floor += 1;
        return Of(floor, scale) ?? this;
    }

    /// <summary>The largest whole number that is not above this.</summary>
    public BigInteger Floor() => FloorAndRest(Numerator, Denominator).Floor;

    /// <summary>Below, at or above zero when this is smaller than, equal to or larger than <paramref name="other"/>.</summary>
    public int CompareTo(ExactRational other) => (Numerator * other.Denominator).CompareTo(other.Numerator * Denominator);

    /// <summary>The nearest double.</summary>
    public double ToDouble()
    {
        var shift = (int)Math.Max(0, Math.Max(Numerator.GetBitLength(), Denominator.GetBitLength()) - 1000);
        if (shift == 0) return (double)Numerator / (double)Denominator;
        return Math.Exp(BigInteger.Log(BigInteger.Abs(Numerator)) - BigInteger.Log(Denominator)) * Numerator.Sign;
    }

    private static (BigInteger Floor, BigInteger Left) FloorAndRest(BigInteger numerator, BigInteger denominator)
    {
        var floor = BigInteger.DivRem(numerator, denominator, out var rest);
        return rest.Sign < 0 ? (floor - 1, rest + denominator) : (floor, rest);
    }
}
