namespace TaH.Engine;

/// <summary>Looks at tokens one by one: which iterate, what that changes, and some rows in full.</summary>
/// <param name="policy">Whose choice this is.</param>
/// <param name="texts">Tokens as people read them.</param>
/// <param name="hasLabels">Whether the text says which tokens are hard.</param>
/// <param name="keptRows">Rows to keep in full.</param>
internal sealed class IterationProfiler(string policy, TokenTexts texts, bool hasLabels, int keptRows)
{
    // Rarer tokens say nothing about how often they iterate.
    private const int LeastCount = 20;
    private const int MostListed = 40;

    private readonly Dictionary<int, TokenSum> _byToken = [];
    private readonly Dictionary<int, TokenSum> _byNext = [];
    private readonly Dictionary<(int From, int To), ChangeSum> _changes = [];
    private readonly EntropySums _entropy = new();
    private readonly List<AnalysedText> _kept = [];

    /// <summary>The rows that were kept.</summary>
    public IReadOnlyList<AnalysedText> Texts => _kept;

    /// <summary>Adds a batch.</summary>
    public void Add(PackedBatch batch, bool[] isAsked, PolicyOutcomes outcomes)
    {
        for (var token = 0; token < isAsked.Length; token++)
            if (isAsked[token]) Add(batch, token, outcomes);
        for (var row = 0; row < batch.SequenceStarts.Length && _kept.Count < keptRows; row++)
        {
            AnalysedToken[] tokens = [.. Enumerable.Range(batch.SequenceStarts[row], batch.EndOf(row) - batch.SequenceStarts[row])
                .Select(token => Look(batch, token, isAsked[token], outcomes))];
            _kept.Add(new AnalysedText(_kept.Count + 1, tokens));
        }
    }

    /// <summary>What was seen.</summary>
    public IterationProfile Result() => new(
        policy, Rates(_byToken), Rates(_byNext),
        [.. _changes.OrderByDescending(change => change.Value.Count).ThenBy(change => change.Key).Take(MostListed)
            .Select(change => change.Value.Of(texts[change.Key.From], texts[change.Key.To]))],
        _entropy.Result());

    private static double? Probability(PolicyOutcomes outcomes, int token) =>
        outcomes.Passes[0].DeciderLogits[token] is var logit && float.IsNaN(logit) ? null : LearnedPolicy.Probability(logit);

    private void Add(PackedBatch batch, int token, PolicyOutcomes outcomes)
    {
        var (first, last, iterates) = (outcomes.Passes[0].Measures[token], outcomes.Last(token), outcomes.Iterations[token] > 1);
        var (next, isHard, probability) = (batch.Labels[token], batch.IterationCounts[token] > 1, Probability(outcomes, token));
        Sum(_byToken, batch.Tokens[token]).Add(iterates, isHard, probability);
        Sum(_byNext, next).Add(iterates, isHard, probability);
        _entropy.Add(iterates, first.Entropy, last.Entropy);
        if (!iterates || first.Prediction == last.Prediction) return;
        var key = (first.Prediction, last.Prediction);
        if (!_changes.TryGetValue(key, out var change)) _changes[key] = change = new ChangeSum();
        change.Count++;
        if (last.Prediction == next) change.Fixed++;
        if (first.Prediction == next) change.Broken++;
    }

    private AnalysedToken Look(PackedBatch batch, int token, bool isAsked, PolicyOutcomes outcomes)
    {
        var (text, passes, probability) = (texts[batch.Tokens[token]], outcomes.Iterations[token], Probability(outcomes, token));
        if (!isAsked) return new AnalysedToken(text, passes, probability, null, null, null, null, null);
        var (first, last) = (outcomes.Passes[0].Measures[token], outcomes.Last(token));
        return new AnalysedToken(
            text, passes, probability, texts[first.Prediction], texts[last.Prediction], last.Prediction == batch.Labels[token],
            hasLabels ? batch.IterationCounts[token] > 1 : null, first.Entropy);
    }

    private IReadOnlyList<TokenRate> Rates(Dictionary<int, TokenSum> sums) =>
    [
        .. sums.Where(sum => sum.Value.Count >= LeastCount).OrderByDescending(sum => sum.Value.IteratedShare).ThenByDescending(sum => sum.Value.Count)
            .ThenBy(sum => sum.Key).Take(MostListed).Select(sum => sum.Value.Rate(texts[sum.Key], hasLabels)),
    ];

    private static TokenSum Sum(Dictionary<int, TokenSum> sums, int token)
    {
        if (!sums.TryGetValue(token, out var sum)) sums[token] = sum = new TokenSum();
        return sum;
    }

    private sealed class TokenSum
    {
        private int _iterated, _hard;
        private double _probability;
        private bool _isDecided;

        public int Count { get; private set; }

        public double IteratedShare => (double)_iterated / Count;

        public void Add(bool iterates, bool isHard, double? probability)
        {
            Count++;
            if (iterates) _iterated++;
            if (isHard) _hard++;
            _isDecided |= probability is not null;
            _probability += probability ?? 0;
        }

        public TokenRate Rate(string text, bool hasLabels) =>
            new(text, Count, IteratedShare, hasLabels ? (double)_hard / Count : null, _isDecided ? _probability / Count : null);
    }

    private sealed class ChangeSum
    {
        public int Count, Fixed, Broken;

        public TokenChange Of(string from, string to) => new(from, to, Count, Fixed, Broken);
    }
}
