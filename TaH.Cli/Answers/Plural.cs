namespace TaH.Cli;

/// <summary>A number with its noun: 1 pass, 2 passes, 1,024 tokens.</summary>
internal static class Plural
{
    /// <summary>The number and the noun in the form that belongs to it.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">The noun for one.</param>
    public static string Of(int count, string noun)
    {
        var ending = count == 1 ? "" : noun.EndsWith('s') ? "es" : "s";
        return FormattableString.Invariant($"{count:N0} {noun}{ending}");
    }
}
