namespace TaH.Engine;

/// <summary>One comparison: the order of its steps.</summary>
internal sealed partial class ExpressionComparer(ComparisonOptions options, WorkBudget work)
{
    /// <summary>Whether the answer counts as equal to the gold.</summary>
    public bool AreEqual(MathExpression gold, MathExpression answer)
    {
        work.Spend();
        var (goldIsEquation, answerIsEquation) = (Equations.IsEquation(gold), Equations.IsEquation(answer));
        var goldIsAssignment = Equations.IsAssignment(gold);
        if (goldIsAssignment) gold = Equations.Shortened(gold);
        if (Equations.IsAssignment(answer)) answer = Equations.Shortened(answer);

        if (answerIsEquation && !goldIsEquation)
        {
            if (options.ChainsBySides && !SidesAgree(answer)) return false;
            answer = Equations.LastSide(answer);
        }
        else if (goldIsAssignment && !answerIsEquation) gold = Equations.LastSide(gold);

        if (Equations.IsRelation(gold) && IsSet(answer)) gold = RelationSets.AsSet(gold, work) ?? gold;
        if (options.RelationsAsSets && Equations.IsRelation(answer) && IsSet(gold)) answer = RelationSets.AsSet(answer, work) ?? answer;

        if (gold.Equals(answer)) return true;
        if (Equations.IsRelation(gold) && Equations.IsRelation(answer)) return RelationsAreEqual(gold, answer);
        if (IsSetOrTuple(gold) || IsSetOrTuple(answer)) return SetsAreEqual(gold, answer);
        if (gold is Symbol || answer is Symbol) return SymbolsAreEqual(gold, answer);
        return ValuesAreEqual(gold, answer);
    }

    /// <summary>A chain without unknowns must be true side by side: 3 = 5 is no way to write 5.</summary>
    private bool SidesAgree(MathExpression equation) => Equations.Sides(equation) is var sides
        && sides.Zip(sides.Skip(1)).All(pair => SymbolNames.In(pair.First).Count + SymbolNames.In(pair.Second).Count > 0 || AreEqual(pair.First, pair.Second));

    private static bool IsSet(MathExpression value) => value is FiniteSet or Interval or NamedSet or JoinedSet;

    private static bool IsSetOrTuple(MathExpression value) => IsSet(value) || value is TupleValue;
}
