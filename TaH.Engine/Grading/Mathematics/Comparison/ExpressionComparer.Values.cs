using System.Numerics;

namespace TaH.Engine;

internal sealed partial class ExpressionComparer
{
    private const int PointsToTry = 9;
    private const int PointsThatMustAgree = 3;
    private const double RelativeTolerance = 1e-10;

    private bool ValuesAreEqual(MathExpression gold, MathExpression answer)
    {
        if (!options.SymbolKindsMatter) (gold, answer) = (SymbolKinds.AllReal(gold), SymbolKinds.AllReal(answer));
        if (gold is MatrixValue first && answer is MatrixValue second)
            return first.Columns == second.Columns && first.Elements.Count == second.Elements.Count
                && first.Elements.Zip(second.Elements).All(pair => ValuesAreEqual(pair.First, pair.Second));
        if (gold is MatrixValue || answer is MatrixValue) return false;
        if (IsNumberOrItsPercent(gold) || IsNumberOrItsPercent(answer))
        {
            if (IsDecimalOrItsPercent(gold) || IsDecimalOrItsPercent(answer))
            {
                if (Rounded(gold) is { } right && Rounded(answer) is { } given && right == given) return true;
            }
            if (WithoutSymbols(gold, answer) && (SymbolNames.HasDecimal(gold) || SymbolNames.HasDecimal(answer))) return AreSameDecimals(gold, answer);
        }
        return AreSameFunction(gold, answer);
    }

    private static bool IsDecimalOrItsPercent(MathExpression value) =>
        value is DecimalNumber || (value is Product { Factors: [DecimalNumber, RationalNumber hundredth] } && hundredth.Equals(Product.Percent(value).Factors[1]));

    private static bool IsNumberOrItsPercent(MathExpression value) =>
        IsDecimalOrItsPercent(value) || value is IntegerNumber or RationalNumber or Product { Factors: [IntegerNumber or RationalNumber, RationalNumber] };

    private static bool WithoutSymbols(MathExpression gold, MathExpression answer) => SymbolNames.In(gold).Count + SymbolNames.In(answer).Count == 0;

    /// <summary>Nothing is rounded away: equal as fractions or, where products are rounded, as the doubles they come to.</summary>
    private bool AreSameDecimals(MathExpression gold, MathExpression answer)
    {
        if (ExactValue.Of(gold, work) is not { } right || ExactValue.Of(answer, work) is not { } given) return false;
        if (!options.RoundedProducts) return right == given;
        return new PointEvaluator(0, work).Of(gold) is { } a && new PointEvaluator(0, work).Of(answer) is { } b && a == b;
    }

    /// <summary>The real part (and the imaginary one) to the decimal places that count; none for a whole number, which must be met exactly.</summary>
    private (ExactRational Real, ExactRational Imaginary)? Rounded(MathExpression value)
    {
        var zero = ExactRational.Of(0);
        if (ExactValue.Of(value, work) is { } exact)
        {
            if (exact.IsInteger && !SymbolNames.HasDecimal(value)) return null;
            return (exact.Rounded(options.DecimalPlaces), zero);
        }
        if (SymbolNames.In(value).Count > 0 || new PointEvaluator(0, work).Of(value) is not { } point || !Complex.IsFinite(point)) return null;
        return (OfDouble(point.Real).Rounded(options.DecimalPlaces), OfDouble(point.Imaginary).Rounded(options.DecimalPlaces));
    }

    private static ExactRational OfDouble(double value)
    {
        if (Math.Abs(value) > 1e300) return ExactRational.Of(new BigInteger(value));
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        BigInteger mantissa = (bits & 0xFFFFFFFFFFFFF) | (exponent == 0 ? 0 : 1L << 52);
        var shift = Math.Max(exponent, 1) - 1075;
        if (value < 0) mantissa = -mantissa;
        return shift >= 0 ? ExactRational.Of(mantissa << shift) : ExactRational.Of(mantissa, BigInteger.One << -shift)!.Value;
    }

    /// <summary>Equal as fractions, as rational functions, or at every random point where both are defined.</summary>
    private bool AreSameFunction(MathExpression gold, MathExpression answer)
    {
        if (ExactValue.Of(gold, work) is { } right && ExactValue.Of(answer, work) is { } given)
            return right == given || ((SymbolNames.HasDecimal(gold) || SymbolNames.HasDecimal(answer)) && AgreeAtPoints(gold, answer));
        var field = new FieldEvaluator(seed: 1, work);
        if (field.Of(gold) is { } left && field.Of(answer) is { } other && left == other) return true;
        return AgreeAtPoints(gold, answer);
    }

    private bool AgreeAtPoints(MathExpression gold, MathExpression answer)
    {
        var hasSymbols = SymbolNames.In(gold).Count + SymbolNames.In(answer).Count > 0;
        var agreed = 0;
        for (var seed = 0; seed < (hasSymbols ? PointsToTry : 1); seed++)
        {
            if (new PointEvaluator(seed, work).Of(gold) is not { } a || new PointEvaluator(seed, work).Of(answer) is not { } b) continue;
            if (!Complex.IsFinite(a) || !Complex.IsFinite(b)) continue;
            if (!Near(a, b)) return false;
            agreed++;
        }
        return agreed >= (hasSymbols ? PointsThatMustAgree : 1);
    }

    private static bool Near(Complex a, Complex b) => Complex.Abs(a - b) <= RelativeTolerance * Math.Max(Math.Max(Complex.Abs(a), Complex.Abs(b)), 1e-5);
}
