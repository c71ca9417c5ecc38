namespace TaH.Engine;

/// <summary>Adds up how a policy fares, batch after batch.</summary>
/// <param name="name">The policy's.</param>
/// <param name="threshold">The decider's; null for the others.</param>
/// <param name="hasLabels">Whether the text says which tokens are hard.</param>
/// <param name="decides">Whether its decisions are compared with the labels.</param>
/// <param name="cost">Counts what it takes.</param>
internal sealed class PolicyTally(string name, double? threshold, bool hasLabels, bool decides, PolicyCostCounter cost)
{
    private readonly KindTally _kinds = new();
    private long _tokens, _right, _hard, _hardRight, _rows, _wholeRows, _iterations, _iterated, _fixed, _broken;
    private long _truePositives, _falsePositives, _falseNegatives, _trueNegatives;
    private double _loss;

    /// <summary>Adds a batch.</summary>
    /// <param name="batch">The text.</param>
    /// <param name="isAsked">[tokens]: those that count.</param>
    /// <param name="kinds">[rows]: see <see cref="TrainingRow.Kind"/>.</param>
    /// <param name="outcomes">What the policy came to.</param>
    public void Add(PackedBatch batch, bool[] isAsked, ReadOnlySpan<string?> kinds, PolicyOutcomes outcomes)
    {
        cost.Add(batch, outcomes.Iterations);
        for (var row = 0; row < batch.SequenceStarts.Length; row++)
        {
            var (asked, right) = (_tokens, _right);
            for (var token = batch.SequenceStarts[row]; token < batch.EndOf(row); token++)
                if (isAsked[token]) Add(batch, token, outcomes);
            if (_tokens == asked) continue;
            _rows++;
            _kinds.Add(kinds[row], _tokens - asked, _right - right);
            if (_tokens - asked == _right - right) _wholeRows++;
        }
    }

    /// <summary>What it came to.</summary>
    public PolicyAccuracy Result() => new(
        name, threshold, Share(_right, _tokens), hasLabels ? Share(_hardRight, _hard) : null, Share(_wholeRows, _rows), Share(_iterations, _tokens),
        Share(_iterated, _tokens), _loss / _tokens, _fixed, _broken,
        hasLabels && decides ? new DecisionTable(_truePositives, _falsePositives, _falseNegatives, _trueNegatives) : null, cost.Result(),
        _kinds.Result());

    private static double Share(long part, long whole) => whole == 0 ? 0 : (double)part / whole;

    private void Add(PackedBatch batch, int token, PolicyOutcomes outcomes)
    {
        var (last, label, passes) = (outcomes.Last(token), batch.Labels[token], outcomes.Iterations[token]);
        var (isRight, wasRight) = (last.Prediction == label, outcomes.Passes[0].Measures[token].Prediction == label);
        _tokens++;
        _loss += last.Loss;
        _iterations += passes;
        if (isRight) _right++;
        if (passes > 1) _iterated++;
        if (isRight && !wasRight) _fixed++;
        if (wasRight && !isRight) _broken++;
        if (batch.IterationCounts[token] > 1)
        {
            _hard++;
            if (isRight) _hardRight++;
        }
        // A token that stops at a depth has decided there; one that has had all passes has not decided at the last.
        for (var depth = 0; depth < Math.Min(passes, cost.Depths - 1); depth++) Decide(passes > depth + 1, batch.IterationCounts[token] > depth + 1);
    }

    private void Decide(bool goesOn, bool should)
    {
        if (goesOn && should) _truePositives++;
        else if (goesOn) _falsePositives++;
        else if (should) _falseNegatives++;
        else _trueNegatives++;
    }
}
