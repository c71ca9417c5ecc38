namespace TaH.Engine;

/// <summary>What a token of a chat template is.</summary>
internal enum TemplateTokenKind
{
    /// <summary>Text outside of all tags, white space already trimmed.</summary>
    Text,

    /// <summary><c>{{</c>.</summary>
    OutputBegin,

    /// <summary><c>{%</c>.</summary>
    StatementBegin,

    /// <summary><c>}}</c> or <c>%}</c>.</summary>
    TagEnd,

    /// <summary>A name or keyword.</summary>
    Name,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>A string literal, escapes resolved.</summary>
    String,

    /// <summary>An operator or bracket.</summary>
    Operator,

    /// <summary>The end of the template.</summary>
    End,
}

/// <summary>One token of a chat template.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">Its text.</param>
/// <param name="Line">Line in the template, from 1.</param>
internal readonly record struct TemplateToken(TemplateTokenKind Kind, string Text, int Line)
{
    /// <summary>Whether this is an operator or a name of that spelling.</summary>
    public bool Is(string text) => Kind is TemplateTokenKind.Name or TemplateTokenKind.Operator && Text == text;
}

/// <summary>The tokens of a template and a place among them.</summary>
/// <param name="tokens">All tokens; the last is the end.</param>
internal sealed class TemplateTokens(IReadOnlyList<TemplateToken> tokens)
{
    private int _at;

    /// <summary>The next token.</summary>
    public TemplateToken Peek => tokens[_at];

    /// <summary>The token after the next.</summary>
    public TemplateToken PeekSecond => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>Takes the next token; the end stays.</summary>
    public TemplateToken Next() => Peek.Kind == TemplateTokenKind.End ? Peek : tokens[_at++];

    /// <summary>Takes the next token if it is this operator or name.</summary>
    public bool Accept(string text)
    {
        var matches = Peek.Is(text);
        if (matches) _at++;
        return matches;
    }

    /// <summary>Takes this operator or name, or fails.</summary>
    public void Expect(string text)
    {
        if (!Accept(text)) throw Unexpected($"\"{text}\"");
    }

    /// <summary>Takes a token of a kind, or fails.</summary>
    public string Expect(TemplateTokenKind kind, string wanted) => Peek.Kind == kind ? Next().Text : throw Unexpected(wanted);

    /// <summary>The complaint that something else was expected.</summary>
    public TemplateException Unexpected(string wanted) =>
        new(Peek.Line, Peek.Kind == TemplateTokenKind.End ? $"ends where {wanted} is expected" : $"has \"{Peek.Text}\" where {wanted} is expected");
}
