namespace TaH.Engine;

internal sealed partial class ExpressionComparer
{
    /// <summary>At least one is a symbol: names count, a product of letters is their name in written order, anything else counts by its text.</summary>
    private static bool SymbolsAreEqual(MathExpression gold, MathExpression answer)
    {
        if (NameOf(gold) is { } first && NameOf(answer) is { } second) return string.Equals(first, second, StringComparison.OrdinalIgnoreCase);
        return gold.ToSympyText() == answer.ToSympyText();
    }

    private static string? NameOf(MathExpression value) => value switch
    {
        Symbol symbol => symbol.Name,
        Constant { Name: NamedConstant.E } => "e",
        Product product when product.Factors.All(factor => factor is Symbol or Constant { Name: NamedConstant.E }) => string.Concat(product.Factors.Select(NameOf)),
        _ => null,
    };
}
