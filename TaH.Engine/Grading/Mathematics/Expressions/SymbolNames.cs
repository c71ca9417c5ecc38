namespace TaH.Engine;

/// <summary>Which names an expression holds.</summary>
internal static class SymbolNames
{
    /// <summary>Whether nothing but symbols stands in it, reciprocals of symbols included: S, m + n, f(x), (x, y), A/B.</summary>
    public static bool IsOnlySymbols(MathExpression value) => value switch
    {
        Symbol => true,
        Power { Exponent: IntegerNumber exponent } power => exponent.Value == -1 && IsOnlySymbols(power.Base),
        _ => Parts(value) is { Count: > 0 } parts && parts.All(IsOnlySymbols),
    };

    /// <summary>The symbols in it, each once.</summary>
    public static HashSet<Symbol> In(MathExpression value)
    {
        var found = new HashSet<Symbol>();
        Collect(value, found);
        return found;
    }

    /// <summary>Whether some part of it is a number written with a point.</summary>
    public static bool HasDecimal(MathExpression value) => value is DecimalNumber || Parts(value).Any(HasDecimal);

    /// <summary>The expressions it is made of.</summary>
    public static IReadOnlyList<MathExpression> Parts(MathExpression value) => value switch
    {
        Sum sum => sum.Terms,
        Product product => product.Factors,
        Power power => [power.Base, power.Exponent],
        FunctionValue call => call.Arguments,
        Relation relation => [relation.Left, relation.Right],
        RelationChain chain => chain.Relations,
        FiniteSet set => set.Elements,
        TupleValue tuple => tuple.Elements,
        Interval interval => [interval.Start, interval.End],
        JoinedSet joined => [joined.Left, joined.Right],
        MatrixValue matrix => matrix.Elements,
        _ => [],
    };

    private static void Collect(MathExpression value, HashSet<Symbol> found)
    {
        if (value is Symbol symbol) found.Add(symbol);
        foreach (var part in Parts(value)) Collect(part, found);
    }
}
