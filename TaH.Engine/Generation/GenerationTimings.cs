using System.Diagnostics;

namespace TaH.Engine;

/// <summary>How long an answer took.</summary>
public sealed class GenerationTimings
{
    private long _start;
    private long _firstToken;
    private long _lastToken;
    private int _tokens;

    /// <summary>Prompt tokens that had to run; those that a conversation knew already are not counted.</summary>
    public int PrefilledTokens { get; internal init; }

    /// <summary>From the first pass to the first token; null before it.</summary>
    public TimeSpan? FirstToken => _tokens == 0 ? null : Stopwatch.GetElapsedTime(_start, _firstToken);

    /// <summary>From the first pass to the last token so far.</summary>
    public TimeSpan Total => _start == 0 ? TimeSpan.Zero
        : _tokens == 0 ? Stopwatch.GetElapsedTime(_start) : Stopwatch.GetElapsedTime(_start, _lastToken);

    /// <summary>Prompt tokens a second, until the first token; null before it.</summary>
    public double? PrefillTokensPerSecond => FirstToken is { TotalSeconds: > 0 } first ? PrefilledTokens / first.TotalSeconds : null;

    /// <summary>Tokens a second after the first one; null for fewer than two.</summary>
    public double? DecodeTokensPerSecond =>
        _tokens < 2 || _lastToken == _firstToken ? null : (_tokens - 1) / Stopwatch.GetElapsedTime(_firstToken, _lastToken).TotalSeconds;

    /// <summary>How long several answers took together, whether they ran beside each other or one after the other.</summary>
    /// <returns>From the first pass of any to the first token of any, and to the last token of any; null where no token was made.</returns>
    public static (TimeSpan FirstToken, TimeSpan Total)? Together(IEnumerable<GenerationTimings> timings)
    {
        var made = timings.Where(timing => timing._tokens > 0).ToList();
        if (made.Count == 0) return null;
        var start = made.Min(timing => timing._start);
        var (first, last) = (made.Min(timing => timing._firstToken), made.Max(timing => timing._lastToken));
        return (Stopwatch.GetElapsedTime(start, first), Stopwatch.GetElapsedTime(start, last));
    }

    /// <summary>The first pass begins; later ones change nothing.</summary>
    internal void Begin()
    {
        if (_start == 0) _start = Stopwatch.GetTimestamp();
    }

    /// <summary>Counts a token.</summary>
    /// <param name="now">When its pass was over, as <see cref="Stopwatch.GetTimestamp"/> says it.</param>
    internal void CountToken(long now)
    {
        _lastToken = now;
        if (_tokens++ == 0) _firstToken = _lastToken;
    }
}
