namespace TaH.Engine;

internal sealed partial class LatexReader
{
    /// <summary>A number, percentage, symbol or constant, with the scripts that belong to it.</summary>
    private MathExpression? ReadAtom()
    {
        var token = Next;
        switch (token.Kind)
        {
            case LatexTokenKind.Number:
                _at++;
                ReadSubscript();
                return OfNumber(token.Text);
            case LatexTokenKind.Percent:
                _at++;
                return OfNumber(token.Text) is { } number ? Product.Percent(number) : null;
            case LatexTokenKind.Infinity:
                _at++;
                return new Constant(NamedConstant.Infinity);
            case LatexTokenKind.Differential:
                _at++;
                return new Symbol(token.Text, symbolsAreReal);
            case LatexTokenKind.Letter when token.Text == "E" && dialect.Differentials:
                _at++;
                return new Symbol("e", symbolsAreReal);
            case LatexTokenKind.Letter or LatexTokenKind.KnownSymbol or LatexTokenKind.Styled:
                return ReadSymbolWithScripts();
            default:
                return null;
        }
    }

    private MathExpression ReadSymbolWithScripts()
    {
        var name = Next;
        _at++;
        var power = ReadExponent();
        var subscript = ReadSubscript();
        power ??= subscript is null ? null : ReadExponent();
        var symbol = SymbolOf(name, subscript);
        return power is null ? symbol : new Power(symbol, power);
    }

    private MathExpression SymbolOf(LatexToken token, string? subscript)
    {
        if (token.Is(LatexTokenKind.Letter, "I") && dialect.Differentials) return new Constant(NamedConstant.ImaginaryUnit);
        var name = token.Text + (subscript is null ? "" : subscript.Length > 1 ? $"_{{{subscript}}}" : "_" + subscript);
        name = name.ToLowerInvariant();
        return name == "pi" ? new Constant(NamedConstant.Pi) : new Symbol(name, symbolsAreReal);
    }

    /// <summary>_ and what stands below, as text without spaces; null where there is none.</summary>
    private string? ReadSubscript() => Next.Kind != LatexTokenKind.Subscript ? null : Nested(() =>
    {
        if (!Take(LatexTokenKind.Subscript)) return null;
        var start = _at;
        if (Take(LatexTokenKind.Open, "{"))
        {
            start = _at;
            do
            {
                if (ReadSum() is null) return null;
            }
            while (Take(LatexTokenKind.Comma));
            return Take(LatexTokenKind.Close, "}") ? SourceBetween(start, _at - 1) : null;
        }
        return Next.Kind != LatexTokenKind.Open && ReadAtom() is not null ? SourceBetween(start, _at) : null;
    });

    private string SourceBetween(int start, int end) => string.Concat(tokens[start..end].Select(token => token.Source.Trim()));

    private static MathExpression? OfNumber(string text)
    {
        if (ExactRational.OfDecimal(text) is not { } value) return null;
        if (!text.Contains('.') && !text.Contains('E')) return new IntegerNumber(value.Numerator);
        var digits = text.Split('E')[0].Replace(".", "").TrimStart('0').Length;
        return new DecimalNumber(value, Math.Max(15, digits));
    }
}
