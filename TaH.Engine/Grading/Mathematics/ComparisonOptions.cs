namespace TaH.Engine;

/// <summary>What counts as equal, and how much work a comparison may do.</summary>
/// <param name="DecimalPlaces">Places both sides are rounded to when one is a decimal number.</param>
/// <param name="RelationsAsSets">Whether an interval gold accepts a relation: (2, oo) accepts x > 2.</param>
/// <param name="ScaledRelations">Whether x = 5 accepts 2x = 10 and x > 2 accepts 2x > 4.</param>
/// <param name="WrittenOrder">Whether a tuple gold compares with a set in the order in which the set was written.</param>
/// <param name="SymbolKindsMatter">Whether i that may be complex differs from i that is real.</param>
/// <param name="ChainsBySides">Whether every side of a chain such as 3 = 5 must agree before its last side counts.</param>
/// <param name="RoundedProducts">Whether products with decimal numbers are rounded as doubles are: 1.16 * 10^2 is then not 116.</param>
public sealed record ComparisonOptions(
    int DecimalPlaces, bool RelationsAsSets, bool ScaledRelations, bool WrittenOrder, bool SymbolKindsMatter, bool ChainsBySides,
    bool RoundedProducts)
{
    /// <summary>As math-verify 0.8.0 compares.</summary>
    public static readonly ComparisonOptions Official = new(6, false, false, true, true, false, true);

    /// <summary>As a careful person compares.</summary>
    public static readonly ComparisonOptions Fair = new(6, true, true, true, false, true, false);

    /// <summary>Nodes that may be visited before the answer is "not equal".</summary>
    public int WorkLimit { get; init; } = 200_000;
}
