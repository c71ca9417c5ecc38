namespace TaH.Engine;

/// <summary>What kind of relation an expression is, and its sides.</summary>
internal static class Equations
{
    /// <summary>A relation or a chain of them.</summary>
    public static bool IsRelation(MathExpression value) => value is Relation or RelationChain;

    /// <summary>A relation of equality or a chain of nothing else.</summary>
    public static bool IsEquation(MathExpression value) =>
        value is Relation { Kind: RelationKind.Equal } || (value is RelationChain chain && chain.Relations.All(IsEquation));

    /// <summary>An equation whose left side is made of names: x = 5, S = 4 + 1 = 5, f(x) = 2x.</summary>
    public static bool IsAssignment(MathExpression value) => IsEquation(value) && SymbolNames.IsOnlySymbols(Sides(value)[0]);

    /// <summary>The first side and the last one.</summary>
    public static Relation Shortened(MathExpression equation) => new(RelationKind.Equal, Sides(equation)[0], LastSide(equation));

    /// <summary>The side at the end.</summary>
    public static MathExpression LastSide(MathExpression equation) => Sides(equation)[^1];

    /// <summary>All sides in written order.</summary>
    public static List<MathExpression> Sides(MathExpression equation) => equation switch
    {
        Relation relation => [relation.Left, relation.Right],
        RelationChain chain => [chain.First.Left, .. chain.Relations.Select(relation => ((Relation)relation).Right)],
        _ => [equation],
    };
}
