namespace TaH.Engine;

/// <summary>Numbers as people write them, with commas between thousands.</summary>
internal static class PlainNumbers
{
    /// <summary>-1,234.5 as a number; null when it is too long.</summary>
    public static MathExpression? OfThousands(string text)
    {
        var digits = text.Replace(",", "").Trim();
        if (ExactRational.OfDecimal(digits) is not { } value) return null;
        return digits.Contains('.') ? new DecimalNumber(value, Math.Max(15, digits.Count(char.IsAsciiDigit))) : new IntegerNumber(value.Numerator);
    }
}
