using System.Numerics;

namespace TaH.Engine;

/// <summary>Two values in brackets: an interval, or a pair when they run the wrong way.</summary>
internal static class Intervals
{
    /// <summary>(a, b) with a below b, or with ends that cannot be compared, is an interval; else a tuple; half-open and backwards it is empty.</summary>
    public static MathExpression OrTuple(MathExpression start, MathExpression end, bool leftOpen, bool rightOpen)
    {
        if (Order(start, end) is not { } order) return new Interval(start, end, leftOpen, rightOpen);
        if (leftOpen && rightOpen && order >= 0) return new TupleValue([start, end]);
        if (!leftOpen && !rightOpen && order > 0) return new TupleValue([start, end]);
        if (order == 0) return leftOpen || rightOpen ? new NamedSet(KnownSet.Empty) : new FiniteSet([start]);
        return order > 0 ? new NamedSet(KnownSet.Empty) : new Interval(start, end, leftOpen, rightOpen);
    }

    private static int? Order(MathExpression start, MathExpression end)
    {
        var work = new WorkBudget(5000, CancellationToken.None);
        try
        {
            if (ExactValue.Of(start, work) is { } first && ExactValue.Of(end, work) is { } last) return first.CompareTo(last);
            return RealAt(start, work) is { } left && RealAt(end, work) is { } right ? left.CompareTo(right) : null;
        }
        catch (WorkLimitException)
        {
            return null;
        }
    }

    private static double? RealAt(MathExpression value, WorkBudget work) =>
        SymbolNames.In(value).Count == 0 && new PointEvaluator(0, work).Of(value) is { } point && Complex.Abs(point.Imaginary) == 0 && !double.IsNaN(point.Real)
            ? point.Real
            : null;
}
