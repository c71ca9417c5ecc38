namespace TaH.Cli;

/// <summary>How a token looks by the passes it took.</summary>
internal static class DepthStyle
{
    private static readonly Style Two = new(Color.Orange1, decoration: Decoration.Bold);
    private static readonly Style Three = new(Color.Magenta1, decoration: Decoration.Bold);

    /// <summary>The style of a token that took so many passes.</summary>
    public static Style Of(int iterations) => iterations switch { <= 1 => Style.Plain, 2 => Two, _ => Three };

    /// <summary>The legend's parts for tokens of at most so many passes.</summary>
    public static IEnumerable<(string Text, Style Style)> Legend(int maxIter)
    {
        yield return ("1 pass", Of(1));
        if (maxIter >= 2) yield return ("2 passes", Of(2));
        if (maxIter >= 3) yield return (maxIter == 3 ? "3 passes" : "3 or more passes", Of(3));
    }
}
