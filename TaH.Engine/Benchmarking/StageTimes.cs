namespace TaH.Engine;

/// <summary>When a run came how far, counted from its begin.</summary>
/// <param name="Tokens">Each token on the host, in the order in which they were made.</param>
/// <param name="Total">The end.</param>
internal sealed record StageTimes(IReadOnlyList<TimeSpan> Tokens, TimeSpan Total)
{
    /// <summary>Each pass queued, its decisions on the host; nothing where nobody asked.</summary>
    public IReadOnlyList<TimeSpan> Passes { get; init; } = [];

    /// <summary>The time until so many passes were over and so many tokens there.</summary>
    public TimeSpan Until(int passes, int tokens)
    {
        var pass = passes > 0 ? Passes[passes - 1] : TimeSpan.Zero;
        var token = tokens > 0 ? Tokens[tokens - 1] : TimeSpan.Zero;
        return pass > token ? pass : token;
    }
}
