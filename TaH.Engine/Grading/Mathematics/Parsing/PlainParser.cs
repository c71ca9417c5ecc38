using System.Diagnostics.CodeAnalysis;

namespace TaH.Engine;

/// <summary>Reads expressions as they are typed: 3*(4+5)/2, 2^10, 5!, sqrt(2), (1, 2).</summary>
/// <remarks>Source: what math-verify's plain expressions hand to sympy's parse_expr; names are symbols or functions, nothing is multiplied unwritten.</remarks>
public sealed class PlainParser
{
    private const int LongestText = 5000;
    private const int DeepestNesting = 120;

    private static readonly string[] Functions =
        ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "factorial", "floor", "ceiling", "Abs", "binomial"];

    private readonly string _text;
    private int _at;
    private int _depth;

    private PlainParser(string text) => _text = text;

    /// <summary>Reads the whole text; ^ and ** are powers.</summary>
    /// <param name="text">An expression; spaces do not matter.</param>
    /// <param name="value">The expression, or null.</param>
    /// <returns>False when the text is no expression, too long or nested too deep.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out MathExpression? value)
    {
        value = null;
        if (text.Length > LongestText) return false;
        var parser = new PlainParser(text);
        var read = parser.ReadTuple();
        if (parser.Peek() == '\0' && parser._at >= text.Length && read is not null && ExpressionDepth.IsWithinLimit(read)) value = read;
        return value is not null;
    }

    private char Peek()
    {
        while (_at < _text.Length && char.IsWhiteSpace(_text[_at])) _at++;
        return _at < _text.Length ? _text[_at] : '\0';
    }

    private bool Take(string piece)
    {
        _ = Peek();
        if (string.CompareOrdinal(_text, _at, piece, 0, piece.Length) != 0) return false;
        _at += piece.Length;
        return true;
    }

    private MathExpression? ReadTuple()
    {
        if (ReadSum() is not { } first) return null;
        if (Peek() != ',') return first;
        var elements = new List<MathExpression> { first };
        while (Take(","))
        {
            if (Peek() is ')' or '\0') break;
            if (ReadSum() is not { } next) return null;
            elements.Add(next);
        }
        return new TupleValue([.. elements]);
    }

    private MathExpression? ReadSum()
    {
        if (_depth >= DeepestNesting) return null;
        _depth++;
        var sum = ReadProduct();
        while (sum is not null && Peek() is '+' or '-')
        {
            var isPlus = _text[_at++] == '+';
            sum = ReadProduct() is { } term ? isPlus ? Sum.Of(sum, term) : Sum.Difference(sum, term) : null;
        }
        _depth--;
        return sum;
    }

    private MathExpression? ReadProduct()
    {
        var product = ReadSigned();
        while (product is not null && Peek() is '*' or '/' or '%')
        {
            var sign = _text[_at++];
            if (ReadSigned() is not { } factor) return null;
            product = sign switch
            {
                '*' => Product.Of(product, factor),
                '/' => Product.Quotient(product, factor),
                _ => new FunctionValue("Mod", [product, factor]),
            };
        }
        return product;
    }

    private MathExpression? ReadSigned()
    {
        var isNegative = false;
        while (Peek() is '+' or '-') isNegative ^= _text[_at++] == '-';
        if (ReadPower() is not { } value) return null;
        return isNegative ? Product.Negated(value) : value;
    }

    private MathExpression? ReadPower()
    {
        var value = ReadAtom();
        while (value is not null && Take("!")) value = new FunctionValue("factorial", [value]);
        if (value is null || !(Take("**") || Take("^"))) return value;
        if (_depth >= DeepestNesting) return null;
        _depth++;
        var exponent = ReadSigned();
        _depth--;
        return exponent is null ? null : new Power(value, exponent);
    }

    private MathExpression? ReadAtom()
    {
        var first = Peek();
        if (first == '(')
        {
            _at++;
            return ReadTuple() is { } inside && Take(")") ? inside : null;
        }
        var start = _at;
        if (char.IsAsciiDigit(first) || first == '.')
        {
            while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || _text[_at] == '.')) _at++;
            return Number(_text[start.._at]);
        }
        if (!char.IsLetter(first)) return null;
        while (_at < _text.Length && (char.IsLetterOrDigit(_text[_at]) || _text[_at] == '_')) _at++;
        var name = _text[start.._at];
        if (Peek() != '(')
            return name switch
        {
            "pi" => new Constant(NamedConstant.Pi),
            "E" => new Constant(NamedConstant.E),
            "I" => new Constant(NamedConstant.ImaginaryUnit),
            "oo" => new Constant(NamedConstant.Infinity),
            _ => new Symbol(name, IsReal: false),
        };
        _at++;
        return ReadTuple() is { } arguments && Take(")") ? Call(name, arguments is TupleValue tuple ? tuple.Elements : [arguments]) : null;
    }

    private static MathExpression? Number(string text)
    {
        if (text.Count(character => character == '.') > 1 || text == ".") return null;
        return ExactRational.OfDecimal(text.TrimEnd('.')) is not { } value ? null
            : text.Contains('.') ? new DecimalNumber(value, Math.Max(15, text.Length - 1))
            : new IntegerNumber(value.Numerator);
    }

    private static MathExpression Call(string name, ExpressionList arguments) => (name, arguments) switch
    {
        ("sqrt", [var a]) => Power.SquareRoot(a),
        ("exp", [var a]) => new Power(new Constant(NamedConstant.E), a),
        ("log" or "ln", [var a]) => new FunctionValue("log", [a, new Constant(NamedConstant.E)]),
        ("log", [_, _]) => new FunctionValue("log", arguments),
        ("abs", [_]) => new FunctionValue("Abs", arguments),
        _ => new FunctionValue(name, arguments, IsUnknown: !Functions.Contains(name)),
    };
}
