namespace TaH.Engine;

internal sealed partial class ExpressionComparer
{
    private bool SetsAreEqual(MathExpression gold, MathExpression answer)
    {
        if (!IsSetOrTuple(gold)) gold = new FiniteSet([gold]);
        if (!IsSetOrTuple(answer)) answer = new FiniteSet([answer]);
        if (gold is Interval right && answer is Interval given)
            return right.LeftOpen == given.LeftOpen && right.RightOpen == given.RightOpen && AreEqual(right.Start, given.Start) && AreEqual(right.End, given.End);
        if (gold.Equals(answer)) return true;
        if (IsSet(gold) && IsSet(answer) && (gold, answer) is not (FiniteSet, FiniteSet) && SetMembership.AreSame(gold, answer, work)) return true;

        if (AsPair(gold) is { } goldPair && answer is FiniteSet or TupleValue) gold = goldPair;
        else if (AsPair(answer) is { } answerPair && gold is FiniteSet or TupleValue) answer = answerPair;
        return (gold, answer) switch
        {
            (FiniteSet set, FiniteSet or TupleValue) => AreSameInAnyOrder(set.Elements, ElementsOf(answer)),
            (TupleValue tuple, FiniteSet set) when options.WrittenOrder =>
                tuple.Elements.Count == set.Elements.Count && AreSameInOrder(tuple.Elements, set.Written),
            (TupleValue tuple, FiniteSet set) => AreSameInAnyOrder(tuple.Elements, set.Elements),
            (TupleValue first, TupleValue second) => AreSameInOrder(first.Elements, second.Elements),
            (JoinedSet, JoinedSet) => AreSameInAnyOrder(PartsOfUnion(gold), PartsOfUnion(answer)),
            _ => false,
        };
    }

    private static TupleValue? AsPair(MathExpression value) =>
        value is Interval { LeftOpen: true, RightOpen: true } interval ? new TupleValue([interval.Start, interval.End]) : null;

    private static ExpressionList ElementsOf(MathExpression value) => value is FiniteSet set ? set.Elements : ((TupleValue)value).Elements;

    private static ExpressionList PartsOfUnion(MathExpression value) =>
        value is JoinedSet { Operator: SetOperator.Union } union ? [.. PartsOfUnion(union.Left), .. PartsOfUnion(union.Right)] : [value];

    private bool AreSameInOrder(ExpressionList gold, ExpressionList answer) =>
        gold.Count == answer.Count && gold.Zip(answer).All(pair => AreEqual(pair.First, pair.Second));

    /// <summary>Every element finds a partner that no other took.</summary>
    private bool AreSameInAnyOrder(ExpressionList gold, ExpressionList answer)
    {
        if (gold.Count != answer.Count) return false;
        var left = answer.ToList();
        foreach (var element in gold)
        {
            var partner = left.FindIndex(element.Equals);
            if (partner < 0) partner = left.FindIndex(candidate => AreEqual(element, candidate));
            if (partner < 0) return false;
            left.RemoveAt(partner);
        }
        return true;
    }
}
