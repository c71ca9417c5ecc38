namespace TaH.Engine;

/// <summary>Accuracy by the kind of a row.</summary>
internal sealed class KindTally
{
    private readonly SortedDictionary<string, (long Tokens, long Right)> _kinds = new(StringComparer.Ordinal);

    /// <summary>Adds a row.</summary>
    /// <param name="kind">Its kind; null for none.</param>
    /// <param name="tokens">Tokens that count.</param>
    /// <param name="right">Of those, the ones whose next token is predicted.</param>
    public void Add(string? kind, long tokens, long right)
    {
        if (kind is null || tokens == 0) return;
        var sum = _kinds.GetValueOrDefault(kind);
        _kinds[kind] = (sum.Tokens + tokens, sum.Right + right);
    }

    /// <summary>What it came to, by kind.</summary>
    public IReadOnlyDictionary<string, double> Result() => _kinds.ToDictionary(kind => kind.Key, kind => (double)kind.Value.Right / kind.Value.Tokens);
}
