namespace TaH.Engine;

/// <summary>When a run came how far, counted from its begin.</summary>
/// <param name="Tokens">Each token on the host, in the order in which they were made; nothing where nobody asked to be told of passes.</param>
/// <param name="Passes">The end of each pass, before its tokens are handed on; likewise.</param>
/// <param name="Total">The end.</param>
internal sealed record StageTimes(IReadOnlyList<TimeSpan> Tokens, IReadOnlyList<TimeSpan> Passes, TimeSpan Total)
{
    /// <summary>Tokens that the first passes gave: those of a pass come before the next one is over.</summary>
    public int TokensOf(int passes) => passes < Passes.Count ? Tokens.Count(token => token < Passes[passes]) : Tokens.Count;

    /// <summary>Passes until there was a token.</summary>
    public int PassesToFirstToken => Passes.Count(pass => pass <= Tokens[0]);

    /// <summary>The time until the first passes were over and their tokens there.</summary>
    public TimeSpan Until(int passes)
    {
        if (passes == Passes.Count) return Total;
        var (pass, tokens) = (passes > 0 ? Passes[passes - 1] : TimeSpan.Zero, TokensOf(passes));
        return tokens > 0 && Tokens[tokens - 1] > pass ? Tokens[tokens - 1] : pass;
    }
}
