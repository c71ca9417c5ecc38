namespace TaH.Engine;

/// <summary>The numbers for which a simple relation holds.</summary>
internal static class RelationSets
{
    /// <summary>The set for x on one side of each relation and numbers on the other, or null for anything else.</summary>
    public static MathExpression? AsSet(MathExpression relation, WorkBudget work) => relation switch
    {
        Relation alone => AsSet(alone),
        RelationChain { Relations.Count: 2 } chain when AsSet(chain.First) is Interval first && AsSet(chain.Last) is Interval last
            && SymbolNames.In(chain).Count == 1 => Both(first, last),
        _ => null,
    };

    private static MathExpression? AsSet(Relation relation)
    {
        var (kind, symbol, bound) = relation switch
        {
            { Left: Symbol left } => (relation.Kind, left, relation.Right),
            { Right: Symbol right } => (Turned(relation.Kind), right, relation.Left),
            _ => (relation.Kind, null, relation.Left),
        };
        if (symbol is null || SymbolNames.In(bound).Count > 0 || bound is not (Sum or Product or Power or IntegerNumber or RationalNumber or DecimalNumber
            or Constant or FunctionValue)) return null;
        var infinity = new Constant(NamedConstant.Infinity);
        var below = Product.Negated(infinity);
        return kind switch
        {
            RelationKind.Less => new Interval(below, bound, true, true),
            RelationKind.LessOrEqual => new Interval(below, bound, true, false),
            RelationKind.Greater => new Interval(bound, infinity, true, true),
            RelationKind.GreaterOrEqual => new Interval(bound, infinity, false, true),
            RelationKind.NotEqual => new JoinedSet(SetOperator.Union, new Interval(below, bound, true, true), new Interval(bound, infinity, true, true)),
            _ => new FiniteSet([bound]),
        };
    }

    private static Interval? Both(Interval first, Interval last)
    {
        var infinity = new Constant(NamedConstant.Infinity);
        if (first.End.Equals(infinity) && !last.End.Equals(infinity)) return new Interval(first.Start, last.End, first.LeftOpen, last.RightOpen);
        if (last.End.Equals(infinity) && !first.End.Equals(infinity)) return new Interval(last.Start, first.End, last.LeftOpen, first.RightOpen);
        return null;
    }

    /// <summary>The relation with its sides exchanged.</summary>
    public static RelationKind Turned(RelationKind kind) => kind switch
    {
        RelationKind.Less => RelationKind.Greater,
        RelationKind.LessOrEqual => RelationKind.GreaterOrEqual,
        RelationKind.Greater => RelationKind.Less,
        RelationKind.GreaterOrEqual => RelationKind.LessOrEqual,
        _ => kind,
    };
}
