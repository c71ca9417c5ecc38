namespace TaH.Engine;

/// <summary>
/// A chat template in the part of Jinja that chat templates of the Qwen family use: if, for, set, namespaces, and expressions with the common
/// operators, filters, tests and string methods. Macros, includes, raw blocks and floating-point numbers are not supported.
/// </summary>
internal sealed class ChatTemplate
{
    private const int LargestDepth = 50;
    private readonly TemplateTokens _tokens;
    private readonly TemplateExpressionParser _expressions;
    private readonly IReadOnlyList<TemplateStatement> _body;
    private int _depth;

    private ChatTemplate(string source)
    {
        _tokens = TemplateLexer.Run(source);
        _expressions = new TemplateExpressionParser(_tokens);
        _body = ParseBody();
        if (_tokens.Peek.Kind != TemplateTokenKind.End) throw _tokens.Unexpected("the end of the template");
    }

    /// <summary>Reads a template.</summary>
    /// <exception cref="TemplateException">It is malformed or uses what is not supported.</exception>
    public static ChatTemplate Parse(string source) => new(source);

    /// <summary>Renders the template with the variables given.</summary>
    /// <exception cref="TemplateException">It uses what is not supported, or a value that is not there.</exception>
    /// <exception cref="UsageException">The template refuses the messages.</exception>
    public string Render(IEnumerable<KeyValuePair<string, object?>> variables)
    {
        var scope = new TemplateScope(new TemplateRun(), outer: null);
        foreach (var (name, value) in variables) scope[name] = value;
        foreach (var statement in _body) statement.Render(scope);
        return scope.Run.Output.ToString();
    }

    /// <summary>Reads statements up to a tag that begins with one of the words, which stays.</summary>
    private List<TemplateStatement> ParseBody(params string[] ends)
    {
        if (++_depth > LargestDepth) throw _tokens.Unexpected("a statement that nests less deeply");
        var body = new List<TemplateStatement>();
        while (_tokens.Peek.Kind != TemplateTokenKind.End)
        {
            if (_tokens.Peek.Kind == TemplateTokenKind.StatementBegin && ends.Any(_tokens.PeekSecond.Is)) break;
            body.Add(ParseStatement());
        }

        _depth--;
        return body;
    }

    private TemplateStatement ParseStatement()
    {
        var token = _tokens.Next();
        if (token.Kind == TemplateTokenKind.Text) return new TextStatement(token.Line, token.Text);
        if (token.Kind == TemplateTokenKind.OutputBegin)
        {
            var value = _expressions.Parse();
            EndTag();
            return new OutputStatement(token.Line, value);
        }

        if (_tokens.Accept("if")) return ParseIf(token.Line);
        if (_tokens.Accept("for")) return ParseFor(token.Line);
        if (_tokens.Accept("set")) return ParseSet(token.Line);
        throw new TemplateException(token.Line, $"has the statement \"{_tokens.Peek.Text}\", which is not supported here");
    }

    private IfStatement ParseIf(int line)
    {
        var branches = new List<(TemplateExpression?, IReadOnlyList<TemplateStatement>)>();
        do
        {
            var condition = _expressions.Parse();
            EndTag();
            branches.Add((condition, ParseBody("elif", "else", "endif")));
            BeginTag("endif");
        }
        while (_tokens.Accept("elif"));

        if (_tokens.Accept("else"))
        {
            EndTag();
            branches.Add((null, ParseBody("endif")));
            BeginTag("endif");
        }

        _tokens.Expect("endif");
        EndTag();
        return new IfStatement(line, branches);
    }

    private ForStatement ParseFor(int line)
    {
        var name = _tokens.Expect(TemplateTokenKind.Name, "the name of a loop variable");
        _tokens.Expect("in");
        var items = _expressions.ParseOr();
        var filter = _tokens.Accept("if") ? _expressions.Parse() : null;
        EndTag();
        var body = ParseBody("else", "endfor");
        BeginTag("endfor");
        List<TemplateStatement> otherwise = [];
        if (_tokens.Accept("else"))
        {
            EndTag();
            otherwise = ParseBody("endfor");
            BeginTag("endfor");
        }

        _tokens.Expect("endfor");
        EndTag();
        return new ForStatement(line, name, items, filter, body, otherwise);
    }

    private SetStatement ParseSet(int line)
    {
        var name = _tokens.Expect(TemplateTokenKind.Name, "the name of a variable");
        var field = _tokens.Accept(".") ? _tokens.Expect(TemplateTokenKind.Name, "a field name") : null;
        _tokens.Expect("=");
        var value = _expressions.Parse();
        EndTag();
        return new SetStatement(line, name, field, value);
    }

    private void BeginTag(string wanted)
    {
        if (_tokens.Peek.Kind != TemplateTokenKind.StatementBegin) throw _tokens.Unexpected($"{{% {wanted} %}}");
        _tokens.Next();
    }

    private void EndTag() => _tokens.Expect(TemplateTokenKind.TagEnd, "the end of the tag");
}
