namespace TaH.Engine;

/// <summary>The distinct tokens of prompt and answer, for penalties.</summary>
internal sealed class TokenHistory
{
    private readonly Dictionary<int, int> _places = [];
    private readonly List<int> _seen = [];
    private readonly List<int> _generatedCounts = [];

    public TokenHistory(IEnumerable<int> prompt)
    {
        foreach (var token in prompt) _ = PlaceOf(token);
    }

    public void AddGenerated(int token) => _generatedCounts[PlaceOf(token)]++;

    public TokenPenalties With(SamplingSettings settings) =>
        new(settings.RepetitionPenalty, settings.PresencePenalty, settings.FrequencyPenalty, _seen.ToArray(), _generatedCounts.ToArray());

    private int PlaceOf(int token)
    {
        if (_places.TryGetValue(token, out var place)) return place;
        _places[token] = place = _seen.Count;
        _seen.Add(token);
        _generatedCounts.Add(0);
        return place;
    }
}
