using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Reads LaTeX as an expression.</summary>
public static partial class LatexParser
{
    /// <summary>Longer texts are not read.</summary>
    public const int LongestText = 5000;

    /// <summary>Reads normalised LaTeX; where the whole does not read and it is a chain of equations, its last side.</summary>
    /// <param name="text">Without dollar signs; spaces do not matter.</param>
    /// <param name="dialect">What is let pass.</param>
    /// <param name="value">The expression, or null.</param>
    /// <returns>False when the text is no expression of the grammar, too long or nested too deep.</returns>
    /// <remarks>Source: latex2sympy2_extended 1.10.2 as math-verify 0.8.0 calls it.</remarks>
    public static bool TryParse(string text, MathDialect dialect, [NotNullWhen(true)] out MathExpression? value)
    {
        value = text.Length > LongestText ? null : Read(text, dialect);
        if (value is null && text.Length <= LongestText && !text.Contains(',') && !text.Contains(';'))
        {
            var sides = EqualSign().Split(text);
            if (sides.Length > 2) value = Read(sides[^1], dialect);
        }
        return value is not null;
    }

    private static MathExpression? Read(string text, MathDialect dialect)
    {
        if (ThousandsNumber().IsMatch(text)) return PlainNumbers.OfThousands(text);
        if (LatexLexer.Run(text, dialect) is not { } tokens) return null;
        return new LatexReader(tokens, dialect, !MayBeComplex().IsMatch(text)).ReadAll() is { } value && ExpressionDepth.IsWithinLimit(value) ? value : null;
    }

    [GeneratedRegex(@"^\s*-?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?\s*$")]
    private static partial Regex ThousandsNumber();

    [GeneratedRegex(@"(?<![\\<!>])=")]
    private static partial Regex EqualSign();

    [GeneratedRegex(
        @"\\mathbb\{C\}|\\i\b|\bi\b|\\(?:text|mathrm)\{i\}|\\imath\b|\\det|\\operatorname\{(?:tr|rank|Re|Im)\}|\\text\{(?:rank|Re|Im)\}|\\(?:arg|Re|Im)\{")]
    private static partial Regex MayBeComplex();
}
