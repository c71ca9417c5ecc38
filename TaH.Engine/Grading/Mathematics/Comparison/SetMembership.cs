using System.Numerics;

namespace TaH.Engine;

/// <summary>Sets of real numbers compared by who belongs to them: at every end that either names, between the ends, and beyond them.</summary>
internal static class SetMembership
{
    private const double Tolerance = 1e-12;

    /// <summary>Whether both hold the same numbers; false as well when one is not a set of intervals and numbers.</summary>
    public static bool AreSame(MathExpression first, MathExpression second, WorkBudget work)
    {
        var ends = new List<double>();
        if (!Collect(first, ends, work) || !Collect(second, ends, work)) return false;
        ends.RemoveAll(double.IsInfinity);
        ends.Sort();
        var places = new List<double>();
        foreach (var end in ends)
        {
            if (places.Count > 0 && Same(places[^1], end)) continue;
            if (places.Count > 0) places.Add((places[^1] + end) / 2);
            places.Add(end);
        }
        if (places.Count == 0) places.Add(0);
        places.Insert(0, places[0] - Math.Max(1, Math.Abs(places[0])));
        places.Add(places[^1] + Math.Max(1, Math.Abs(places[^1])));
        return places.TrueForAll(place => Holds(first, place, work) == Holds(second, place, work));
    }

    private static bool Same(double a, double b) => double.IsFinite(a) && Math.Abs(a - b) <= Tolerance * Math.Max(1, Math.Max(Math.Abs(a), Math.Abs(b)));

    private static bool Collect(MathExpression set, List<double> ends, WorkBudget work)
    {
        switch (set)
        {
            case NamedSet { Name: KnownSet.Empty or KnownSet.Reals }:
                return true;
            case JoinedSet joined:
                return Collect(joined.Left, ends, work) && Collect(joined.Right, ends, work);
            case Interval or FiniteSet:
                foreach (var end in SymbolNames.Parts(set))
                {
                    if (ValueOf(end, work) is not { } value) return false;
                    ends.Add(value);
                }
                return true;
            default:
                return false;
        }
    }

    private static double? ValueOf(MathExpression end, WorkBudget work) => end switch
    {
        Constant { Name: NamedConstant.Infinity } => double.PositiveInfinity,
        Product { Factors: [IntegerNumber { Value.Sign: < 0 }, Constant { Name: NamedConstant.Infinity }] } => double.NegativeInfinity,
        _ => SymbolNames.In(end).Count == 0 && new PointEvaluator(0, work).Of(end) is { Imaginary: 0 } value && Complex.IsFinite(value) ? value.Real : null,
    };

    private static bool Holds(MathExpression set, double place, WorkBudget work)
    {
        work.Spend();
        switch (set)
        {
            case NamedSet named:
                return named.Name == KnownSet.Reals;
            case FiniteSet finite:
                return finite.Elements.Any(element => ValueOf(element, work) is { } value && Same(value, place));
            case Interval interval when ValueOf(interval.Start, work) is { } start && ValueOf(interval.End, work) is { } end:
                if (Same(start, place)) return !interval.LeftOpen;
                if (Same(end, place)) return !interval.RightOpen;
                return start < place && place < end;
            case JoinedSet joined:
                var left = Holds(joined.Left, place, work);
                var right = Holds(joined.Right, place, work);
                return joined.Operator switch
                {
                    SetOperator.Union => left || right,
                    SetOperator.Intersection => left && right,
                    _ => left && !right,
                };
            default:
                return false;
        }
    }
}
