using System.Globalization;
using System.Text;

namespace TaH.Engine;

/// <summary>Cuts a chat template into tokens and trims white space around tags as Jinja does with trim_blocks and lstrip_blocks.</summary>
/// <remarks>Source: transformers compiles chat templates with both options on; Jinja documentation, "Whitespace Control".</remarks>
internal sealed class TemplateLexer
{
    private static readonly string[] Operators = ["==", "!=", "<=", ">=", "//", "**"];

    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _at;
    private int _line = 1;
    private int _lineCountedTo;

    private TemplateLexer(string source)
    {
        source = source.ReplaceLineEndings("\n");
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    private int Line
    {
        get
        {
            _line += _source.AsSpan(_lineCountedTo, _at - _lineCountedTo).Count('\n');
            _lineCountedTo = _at;
            return _line;
        }
    }

    /// <summary>The tokens of a template.</summary>
    /// <exception cref="TemplateException">A tag, comment or string does not end.</exception>
    public static TemplateTokens Run(string source)
    {
        var lexer = new TemplateLexer(source);
        var atLineStart = true;
        while (lexer.ReadText(atLineStart) is { } tag) atLineStart = lexer.ReadTag(tag);
        lexer.Add(TemplateTokenKind.End, "");
        return new TemplateTokens(lexer._tokens);
    }

    /// <summary>Reads up to the next tag and returns its second character, or null at the end.</summary>
    private char? ReadText(bool atLineStart)
    {
        var tag = _at;
        while (tag < _source.Length && !BeginsTag(tag)) tag++;
        var text = _source[_at..tag];
        var kind = tag < _source.Length ? _source[tag + 1] : (char?)null;
        var modifier = tag + 2 < _source.Length ? _source[tag + 2] : ' ';
        if (kind is not null && modifier == '-') text = text.TrimEnd();
        else if (kind is '%' or '#' && modifier != '+') text = WithoutIndent(text, atLineStart);

        if (text.Length > 0) Add(TemplateTokenKind.Text, text);
        _at = kind is null ? tag : tag + (modifier is '-' or '+' ? 3 : 2);
        return kind;
    }

    private bool BeginsTag(int at) => _source[at] == '{' && at + 1 < _source.Length && _source[at + 1] is ('{' or '%' or '#');

    private static string WithoutIndent(string text, bool atLineStart)
    {
        var line = text.LastIndexOf('\n') + 1;
        return (line > 0 || atLineStart) && string.IsNullOrWhiteSpace(text[line..]) ? text[..line] : text;
    }

    /// <summary>Reads the rest of a tag; returns whether what follows it begins a line.</summary>
    private bool ReadTag(char kind)
    {
        if (kind == '#')
        {
            var end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
            if (end < 0) throw new TemplateException(Line, "begins a comment that does not end");
            _at = end - (_source[end - 1] is '-' or '+' ? 1 : 0);
            return AfterTag(trimsLineEnd: true);
        }

        Add(kind == '{' ? TemplateTokenKind.OutputBegin : TemplateTokenKind.StatementBegin, "{" + kind);
        var close = kind == '{' ? "}}" : "%}";
        while (true)
        {
            while (_at < _source.Length && char.IsWhiteSpace(_source[_at])) _at++;
            if (_at >= _source.Length) throw new TemplateException(Line, $"begins a tag that does not end with {close}");
            var modifier = _source[_at] is '-' or '+' ? 1 : 0;
            if (string.CompareOrdinal(_source, _at + modifier, close, 0, 2) == 0) break;
            ReadToken();
        }

        Add(TemplateTokenKind.TagEnd, close);
        return AfterTag(trimsLineEnd: kind == '%');
    }

    /// <summary>Steps over the end of a tag and the white space that goes with it.</summary>
    private bool AfterTag(bool trimsLineEnd)
    {
        var modifier = _source[_at] is '-' or '+' ? _source[_at] : ' ';
        _at += modifier == ' ' ? 2 : 3;
        var start = _at;
        if (modifier == '-') while (_at < _source.Length && char.IsWhiteSpace(_source[_at])) _at++;
        else if (modifier == ' ' && trimsLineEnd && _at < _source.Length && _source[_at] == '\n') _at++;
        return _at > start && _source[_at - 1] == '\n';
    }

    private void ReadToken()
    {
        var first = _source[_at];
        if (first is '\'' or '"') ReadString(first);
        else if (char.IsAsciiLetter(first) || first == '_') Take(TemplateTokenKind.Name, c => char.IsAsciiLetterOrDigit(c) || c == '_');
        else if (char.IsAsciiDigit(first)) Take(TemplateTokenKind.Number, char.IsAsciiDigit);
        else
        {
            var found = Operators.FirstOrDefault(text => string.CompareOrdinal(_source, _at, text, 0, 2) == 0) ?? first.ToString();
            Add(TemplateTokenKind.Operator, found);
            _at += found.Length;
        }
    }

    private void Take(TemplateTokenKind kind, Func<char, bool> belongs)
    {
        var start = _at;
        while (_at < _source.Length && belongs(_source[_at])) _at++;
        Add(kind, _source[start.._at]);
    }

    private void ReadString(char quote)
    {
        var line = Line;
        var text = new StringBuilder();
        for (_at++; _at < _source.Length && _source[_at] != quote; _at++)
        {
            if (_source[_at] == '\\' && _at + 1 < _source.Length) AppendEscape(text, _source[++_at]);
            else text.Append(_source[_at]);
        }

        if (_at >= _source.Length) throw new TemplateException(line, "begins a string that does not end");
        _at++;
        _tokens.Add(new TemplateToken(TemplateTokenKind.String, text.ToString(), line));
    }

    private void AppendEscape(StringBuilder text, char escape)
    {
        switch (escape)
        {
            case 'n': text.Append('\n'); break;
            case 't': text.Append('\t'); break;
            case 'r': text.Append('\r'); break;
            case '\\' or '\'' or '"': text.Append(escape); break;
            case 'x' or 'u':
                var digits = escape == 'x' ? 2 : 4;
                var hex = _source.AsSpan(_at + 1, Math.Min(digits, _source.Length - _at - 1));
                if (hex.Length < digits || !ushort.TryParse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit))
                {
                    throw new TemplateException(Line, $"has a \\{escape} escape without {digits} hexadecimal digits");
                }

                text.Append((char)unit);
                _at += digits;
                break;
            default: throw new TemplateException(Line, $"has the escape \\{escape}, which is not supported");
        }
    }

    private void Add(TemplateTokenKind kind, string text) => _tokens.Add(new TemplateToken(kind, text, Line));
}
