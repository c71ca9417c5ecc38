using System.Text.RegularExpressions;

namespace TaH.Engine;

/// <summary>Cuts LaTeX into the pieces of the grammar.</summary>
internal sealed partial class LatexLexer
{
    private const int MostTokens = 4000;
    private const int DeepestArgument = 60;

    private readonly string _text;
    private readonly MathDialect _dialect;
    private readonly List<LatexToken> _tokens = [];
    private int _at;

    private LatexLexer(string text, MathDialect dialect) => (_text, _dialect) = (text, dialect);

    /// <summary>The pieces with an End behind them, or null when some of the text is no piece or there are too many.</summary>
    public static LatexToken[]? Run(string text, MathDialect dialect)
    {
        var lexer = new LatexLexer(text, dialect);
        while (lexer.SkipSpaces())
        {
            if (!lexer.ReadPiece(0)) return null;
        }
        lexer.Add(LatexTokenKind.End, "", "");
        return [.. lexer._tokens];
    }

    private bool SkipSpaces()
    {
        while (_at < _text.Length)
        {
            var rest = _text.AsSpan(_at);
            if (rest[0] is ' ' or '\t' or '\r' or '\n') _at++;
            else if (_dialect.DelimiterSizes && SizeCommand().Match(_text, _at) is { Success: true } size) _at += size.Length;
            else if (LongestSkipped(rest) is var length and > 0) _at += length;
            else return true;
        }
        return false;
    }

    private static int LongestSkipped(ReadOnlySpan<char> rest)
    {
        if (rest[0] != '\\') return 0;
        var longest = 0;
        foreach (var skipped in LatexVocabulary.Skipped)
        {
            if (skipped.Length > longest && rest.StartsWith(skipped)) longest = skipped.Length;
        }
        return longest > 0 && LatexVocabulary.Match(rest) is { } piece && piece.Source.Length > longest ? 0 : longest;
    }

    private bool ReadPiece(int depth)
    {
        if (_tokens.Count > MostTokens || depth > DeepestArgument) return false;
        var rest = _text.AsSpan(_at);
        if (char.IsAsciiDigit(rest[0]) || (rest[0] == '.' && rest.Length > 1 && char.IsAsciiDigit(rest[1]))) return ReadNumber();
        if (char.IsAsciiLetter(rest[0])) return ReadLetters();
        if (StyledName().Match(_text, _at) is { Success: true } styled && LatexVocabulary.Styles.TryGetValue(styled.Groups[1].Value, out var style)
            && !(LatexVocabulary.Match(rest) is { Kind: LatexTokenKind.KnownSet }))
        {
            var name = styled.Groups[2].Value.Replace(" ", "");
            if (style.Length == 0) name = name.Replace("(", "").Replace(")", "");
            return Add(LatexTokenKind.Styled, style.Length == 0 ? name : $"{style}{{{name}}}", styled.Value);
        }
        if (ArrayStart().Match(_text, _at) is { Success: true } array) return Add(LatexTokenKind.MatrixStart, "matrix", array.Value);
        if (LatexVocabulary.Match(rest) is not { } piece) return false;
        Add(piece.Kind, piece.Text, piece.Source);
        if (!_dialect.BareArguments) return true;
        return piece.Kind switch
        {
            LatexTokenKind.Fraction or LatexTokenKind.Binomial => ReadArgument(depth + 1) && ReadArgument(depth + 1),
            LatexTokenKind.Root => ReadRootDegree(depth + 1) && ReadArgument(depth + 1),
            _ => true,
        };
    }

    /// <summary>A braced argument as it is, anything else as if it stood in braces; of a number the first digit.</summary>
    private bool ReadArgument(int depth)
    {
        if (!SkipSpaces()) return true;
        if (_text[_at] == '{') return ReadUntil('{', '}', depth);
        if (_text[_at] is '}' or ')' or ']') return true;
        _tokens.Add(new LatexToken(LatexTokenKind.Open, "{", ""));
        var read = char.IsAsciiDigit(_text[_at])
            ? Add(LatexTokenKind.Number, _text[_at].ToString(), _text[_at].ToString())
            : ReadPiece(depth);
        _tokens.Add(new LatexToken(LatexTokenKind.Close, "}", ""));
        return read;
    }

    private bool ReadRootDegree(int depth) => !SkipSpaces() || _text[_at] != '[' || ReadUntil('[', ']', depth);

    private bool ReadUntil(char open, char close, int depth)
    {
        var nested = 0;
        do
        {
            if (_text[_at] == open) nested++;
            else if (_text[_at] == close) nested--;
            if (!ReadPiece(depth)) return false;
        }
        while (nested > 0 && SkipSpaces());
        return true;
    }

    private bool ReadNumber()
    {
        var number = WrittenNumber().Match(_text, _at);
        if (ScientificNumber().Match(_text, _at) is { Success: true } scientific) return Add(LatexTokenKind.Number, scientific.Value, scientific.Value);
        if (PercentNumber().Match(_text, _at) is { Success: true } percent) return Add(LatexTokenKind.Percent, number.Value, percent.Value);
        return Add(LatexTokenKind.Number, number.Value, number.Value);
    }

    private bool ReadLetters()
    {
        if (_dialect.Differentials)
        {
            var longest = "";
            foreach (var word in LatexVocabulary.ReservedWords)
            {
                if (word.Length > longest.Length && string.CompareOrdinal(_text, _at, word, 0, word.Length) == 0) longest = word;
            }
            if (longest.Length > 0) return Add(LatexTokenKind.ReservedWord, longest, longest);
            if (DifferentialSymbol().Match(_text, _at) is { Success: true } differential)
                return Add(LatexTokenKind.Differential, "d" + differential.Groups[1].Value.TrimStart('\\'), differential.Value);
        }
        var letter = _text[_at].ToString();
        return Add(letter == "e" ? LatexTokenKind.Euler : LatexTokenKind.Letter, letter, letter);
    }

    private bool Add(LatexTokenKind kind, string text, string source)
    {
        _at += source.Length;
        _tokens.Add(new LatexToken(kind, text, source));
        return true;
    }

    [GeneratedRegex(@"\G(?:\d+(?:\.\d+)?|\.\d+)", RegexOptions.ECMAScript)]
    private static partial Regex WrittenNumber();

    [GeneratedRegex(@"\G(?:\d+(?:\.\d+)?|\.\d+)E[+-]?\d+", RegexOptions.ECMAScript)]
    private static partial Regex ScientificNumber();

    [GeneratedRegex(@"\G(?:\d+(?:\.\d+)?|\.\d+)[ \t\r\n]?\\?%", RegexOptions.ECMAScript)]
    private static partial Regex PercentNumber();

    [GeneratedRegex(@"\Gd[ \t\r\n]*([a-zA-Z]|\\[a-zA-Z]+)")]
    private static partial Regex DifferentialSymbol();

    [GeneratedRegex(@"\G\\([a-z]+)[ \t\r\n]?\{([^}]*)\}")]
    private static partial Regex StyledName();

    [GeneratedRegex(@"\G\\begin\{array\}\{[clr]*\}")]
    private static partial Regex ArrayStart();

    [GeneratedRegex(@"\G\\(?:left|right|middle|[bB]igg?[lrm]?)(?![a-zA-Z])\.?")]
    private static partial Regex SizeCommand();
}
