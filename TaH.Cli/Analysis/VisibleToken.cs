namespace TaH.Cli;

/// <summary>A token's text where spaces and line ends have to be seen.</summary>
internal static class VisibleToken
{
    /// <summary>The text with a sign for every space and line end.</summary>
    public static string Of(string text) =>
        text.Replace(' ', '·').Replace("\n", "⏎", StringComparison.Ordinal).Replace("\t", "⇥", StringComparison.Ordinal);
}
