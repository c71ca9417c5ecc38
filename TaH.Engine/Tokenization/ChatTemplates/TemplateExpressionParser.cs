using System.Globalization;

namespace TaH.Engine;

/// <summary>Reads expressions; one method a level of precedence, loosest first, as in Jinja's own grammar.</summary>
/// <param name="tokens">Where to read from.</param>
internal sealed class TemplateExpressionParser(TemplateTokens tokens)
{
    // Parsing recurses; no template nests ten deep.
    private const int LargestDepth = 100;
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private int _depth;

    /// <summary>Reads one expression.</summary>
    public TemplateExpression Parse()
    {
        Descend();
        var value = ParseOr();
        while (tokens.Accept("if"))
        {
            var condition = ParseOr();
            value = new Conditional(condition, value, tokens.Accept("else") ? Parse() : null);
        }

        _depth--;
        return value;
    }

    /// <summary>Reads one expression that a following <c>if</c> does not belong to.</summary>
    public TemplateExpression ParseOr() => ParseLogical(ParseAnd, "or");

    private TemplateExpression ParseAnd() => ParseLogical(ParseNot, "and");

    private TemplateExpression ParseNot()
    {
        if (!tokens.Accept("not")) return ParseComparison();
        Descend();
        var operand = ParseNot();
        _depth--;
        return new Not(operand);
    }

    private TemplateExpression ParseComparison()
    {
        var left = ParseSum();
        if (Comparisons.FirstOrDefault(tokens.Accept) is { } comparison) left = new Binary(comparison, left, ParseSum());
        else if (tokens.Accept("in")) left = new Binary("in", left, ParseSum());
        else if (tokens.Peek.Is("not") && tokens.PeekSecond.Is("in"))
        {
            tokens.Expect("not");
            tokens.Expect("in");
            left = new Not(new Binary("in", left, ParseSum()));
        }
        else return left;

        return Comparisons.Any(tokens.Peek.Is) || tokens.Peek.Is("in") ? throw tokens.Unexpected("the end of a comparison") : left;
    }

    private TemplateExpression ParseSum() => ParseChain(ParseJoin, "+", "-");

    private TemplateExpression ParseJoin() => ParseChain(ParseProduct, "~");

    private TemplateExpression ParseProduct() => ParseChain(ParseUnary, "*", "%");

    private TemplateExpression ParseUnary()
    {
        if (!tokens.Accept("-")) return ParseFilters(ParsePostfix(ParsePrimary()));
        Descend();
        var operand = ParseUnary();
        _depth--;
        return new Binary("-", new Literal(0L), operand);
    }

    private TemplateExpression ParsePostfix(TemplateExpression value)
    {
        while (true)
        {
            if (tokens.Accept(".")) value = ParseField(value);
            else if (tokens.Accept("[")) value = ParseIndex(value);
            else if (value is Variable function && tokens.Peek.Is("(")) value = new FunctionCall(function.Name, ParseArguments());
            else return value;
        }
    }

    private TemplateExpression ParseField(TemplateExpression target)
    {
        var name = tokens.Expect(TemplateTokenKind.Name, "a field name");
        return tokens.Peek.Is("(") ? new MethodCall(target, name, ParseArguments()) : new FieldOf(target, name);
    }

    private TemplateExpression ParseIndex(TemplateExpression target)
    {
        var start = tokens.Peek.Is(":") ? null : Parse();
        if (start is not null && tokens.Accept("]")) return new ElementOf(target, start);

        tokens.Expect(":");
        var stop = tokens.Peek.Is(":") || tokens.Peek.Is("]") ? null : Parse();
        var step = tokens.Accept(":") && !tokens.Peek.Is("]") ? Parse() : null;
        tokens.Expect("]");
        return new SliceOf(target, start, stop, step);
    }

    private TemplateExpression ParseFilters(TemplateExpression value)
    {
        while (true)
        {
            if (tokens.Accept("|"))
            {
                var name = tokens.Expect(TemplateTokenKind.Name, "a filter name");
                value = new Filter(value, name, tokens.Peek.Is("(") ? ParseArguments() : TemplateArguments.None);
            }
            else if (tokens.Accept("is"))
            {
                var negated = tokens.Accept("not");
                var test = new Test(value, tokens.Expect(TemplateTokenKind.Name, "the name of a test"));
                value = negated ? new Not(test) : test;
            }
            else return value;
        }
    }

    private TemplateExpression ParsePrimary()
    {
        var token = tokens.Next();
        switch (token.Kind)
        {
            case TemplateTokenKind.String:
                return new Literal(token.Text);
            case TemplateTokenKind.Number:
                return long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                    ? new Literal(number)
                    : throw new TemplateException(token.Line, $"has the number {token.Text}, which is too large");
            case TemplateTokenKind.Name:
                return token.Text switch
                {
                    "true" or "True" => new Literal(true),
                    "false" or "False" => new Literal(false),
                    "none" or "None" => new Literal(null),
                    _ => new Variable(token.Text),
                };
            case TemplateTokenKind.Operator when token.Text == "(":
                var inner = Parse();
                tokens.Expect(")");
                return inner;
            case TemplateTokenKind.Operator when token.Text == "[":
                return new ListLiteral(ParseList("]", Parse));
            default:
                throw new TemplateException(token.Line, $"has \"{token.Text}\" where a value is expected");
        }
    }

    private TemplateArguments ParseArguments()
    {
        tokens.Expect("(");
        var all = ParseList(")", () =>
        {
            var name = tokens.Peek.Kind == TemplateTokenKind.Name && tokens.PeekSecond.Is("=") ? tokens.Next().Text : null;
            if (name is not null) tokens.Expect("=");
            return (Name: name, Value: Parse());
        });
        return new TemplateArguments(
            [.. all.Where(argument => argument.Name is null).Select(argument => argument.Value)],
            [.. all.Where(argument => argument.Name is not null).Select(argument => (argument.Name!, argument.Value))]);
    }

    private List<T> ParseList<T>(string close, Func<T> parse)
    {
        var items = new List<T>();
        while (!tokens.Accept(close))
        {
            if (items.Count > 0) tokens.Expect(",");
            if (items.Count > 0 && tokens.Accept(close)) break;
            items.Add(parse());
        }

        return items;
    }

    private TemplateExpression ParseChain(Func<TemplateExpression> operand, params string[] operators)
    {
        var left = operand();
        while (operators.FirstOrDefault(tokens.Accept) is { } found) left = new Binary(found, left, operand());

        return left;
    }

    private TemplateExpression ParseLogical(Func<TemplateExpression> operand, string word)
    {
        var left = operand();
        while (tokens.Accept(word)) left = new Logical(word == "and", left, operand());
        return left;
    }

    private void Descend()
    {
        if (++_depth > LargestDepth) throw tokens.Unexpected("an expression that nests less deeply");
    }
}
