namespace TaH.Engine;

/// <summary>Rewrites expressions for readers who see one letter as one thing.</summary>
internal static class SymbolKinds
{
    /// <summary>The same expression with every symbol real, and i for the imaginary unit.</summary>
    public static MathExpression AllReal(MathExpression value) => value switch
    {
        Symbol { Name: "i" } => new Constant(NamedConstant.ImaginaryUnit),
        Symbol { IsReal: false } symbol => symbol with { IsReal = true },
        Sum sum => new Sum([.. sum.Terms.Select(AllReal)]),
        Product product => new Product([.. product.Factors.Select(AllReal)]),
        Power power => new Power(AllReal(power.Base), AllReal(power.Exponent)),
        FunctionValue call => call with { Arguments = [.. call.Arguments.Select(AllReal)] },
        MatrixValue matrix => matrix with { Elements = [.. matrix.Elements.Select(AllReal)] },
        _ => value,
    };
}
