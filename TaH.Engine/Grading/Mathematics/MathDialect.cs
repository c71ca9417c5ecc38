namespace TaH.Engine;

/// <summary>What a reader of LaTeX lets pass.</summary>
/// <param name="BareArguments">Whether \frac12 and \sqrt2 are read.</param>
/// <param name="Differentials">Whether d and the letter after it are one symbol.</param>
/// <param name="DelimiterSizes">Whether \left, \right, \big and their like are passed over.</param>
/// <param name="CallsNeedFunctionNames">Whether x(2) is a product unless the letter is one that usually names a function.</param>
public sealed record MathDialect(bool BareArguments, bool Differentials, bool DelimiterSizes, bool CallsNeedFunctionNames)
{
    /// <summary>As the reference reads a gold answer after its normalisation, which repairs \frac12.</summary>
    public static readonly MathDialect OfficialGold = new(true, true, false, false);

    /// <summary>As the reference reads a model's output.</summary>
    public static readonly MathDialect OfficialOutput = new(false, true, false, false);

    /// <summary>As a careful person reads both.</summary>
    public static readonly MathDialect Fair = new(true, false, true, true);
}
