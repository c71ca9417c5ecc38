using System.Numerics;

namespace TaH.Engine;

internal sealed partial class ExpressionComparer
{
    private bool RelationsAreEqual(MathExpression gold, MathExpression answer)
    {
        if (gold is RelationChain golds && answer is RelationChain answers)
            return golds.Relations.Count == answers.Relations.Count
                && golds.Relations.Zip(answers.Relations).All(pair => RelationsAreEqual(pair.First, pair.Second));
        if (gold is not Relation right || answer is not Relation given) return false;

        if (right.Kind == given.Kind && DifferencesAreEqual(right, given)) return true;
        var turned = new Relation(RelationSets.Turned(given.Kind), given.Right, given.Left);
        if (right.Kind == turned.Kind && right.Kind != RelationKind.NotEqual && DifferencesAreEqual(right, turned)) return true;
        return ScaledRelationsAreEqual(right, given) || ScaledRelationsAreEqual(right, turned);
    }

    /// <summary>Both have the same left side less right side.</summary>
    private bool DifferencesAreEqual(Relation gold, Relation answer) => gold.Left is Symbol && gold.Left.Equals(answer.Left) && IsSetOrTuple(gold.Right)
        ? AreEqual(gold.Right, answer.Right)
        : AllAreNumbers(gold) && AllAreNumbers(answer) && AreEqual(Sum.Difference(gold.Left, gold.Right), Sum.Difference(answer.Left, answer.Right));

    private static bool AllAreNumbers(Relation relation) => !IsSetOrTuple(relation.Left) && !IsSetOrTuple(relation.Right);

    /// <summary>
    /// One difference is a constant multiple of the other, so that solving both gives the same: among equations in several unknowns always, with one
    /// unknown or among inequalities (where the multiple must be positive) when the options say so.
    /// </summary>
    private bool ScaledRelationsAreEqual(Relation gold, Relation answer)
    {
        if (gold.Kind != answer.Kind || !AllAreNumbers(gold) || !AllAreNumbers(answer)) return false;
        var isEquality = gold.Kind is RelationKind.Equal or RelationKind.NotEqual;
        if (!options.ScaledRelations && (gold.Kind != RelationKind.Equal || SymbolNames.In(gold).Count < 2)) return false;

        var left = Sum.Difference(gold.Left, gold.Right);
        var right = Sum.Difference(answer.Left, answer.Right);
        if (SymbolNames.In(left).Count == 0 || !SymbolNames.In(left).SetEquals(SymbolNames.In(right))) return false;
        Complex? ratio = null;
        for (var seed = 0; seed < PointsToTry; seed++)
        {
            if (new PointEvaluator(seed, work).Of(left) is not { } a || new PointEvaluator(seed, work).Of(right) is not { } b) continue;
            if (b == Complex.Zero || a == Complex.Zero || (ratio is { } known && !Near(known, a / b))) return false;
            ratio ??= a / b;
        }
        return ratio is { } scale && Complex.IsFinite(scale) && (isEquality || (scale.Real > 0 && scale.Imaginary == 0));
    }
}
