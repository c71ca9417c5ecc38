namespace TaH.Engine;

/// <summary>
/// Reads an expression from pieces of LaTeX by recursive descent. A method that finds nothing returns null and leaves the place as it was; sums are
/// remembered by place, so that trying one reading after another stays linear.
/// </summary>
/// <remarks>Source: the grammar of latex2sympy2_extended (PS.g4), of whose readings the first one that fits is taken, as there.</remarks>
internal sealed partial class LatexReader(LatexToken[] tokens, MathDialect dialect, bool symbolsAreReal)
{
    private const int DeepestNesting = 100;
    private const int LongestChain = 40;

    private readonly Dictionary<(int At, bool BarCloses), (MathExpression? Value, int End)> _sums = [];
    private int _at;
    private int _depth;
    private bool _barCloses;

    private LatexToken Next => tokens[_at];

    /// <summary>Whether everything was read.</summary>
    public bool AtEnd => Next.Kind == LatexTokenKind.End;

    private static MathExpression Number(int value) => new IntegerNumber(value);

    private bool Take(LatexTokenKind kind)
    {
        if (Next.Kind != kind) return false;
        _at++;
        return true;
    }

    private bool Take(LatexTokenKind kind, string text)
    {
        if (!Next.Is(kind, text)) return false;
        _at++;
        return true;
    }

    /// <summary>What <paramref name="read"/> finds; where it finds nothing the place is as before.</summary>
    private T? Try<T>(Func<T?> read) where T : class
    {
        var (at, bar) = (_at, _barCloses);
        var value = read();
        _barCloses = bar;
        if (value is null) _at = at;
        return value;
    }

    /// <summary>As <see cref="Try"/>, one level deeper; nothing past the deepest level.</summary>
    private T? Nested<T>(Func<T?> read) where T : class
    {
        if (_depth >= DeepestNesting) return null;
        _depth++;
        var value = Try(read);
        _depth--;
        return value;
    }

    /// <summary>Something between two delimiters, inside of which a bar opens again.</summary>
    private T? Between<T>(string open, string close, Func<T?> read, bool barCloses = false) where T : class => Try(() =>
    {
        if (!Take(LatexTokenKind.Open, open)) return null;
        _barCloses = barCloses;
        return read() is { } value && Take(LatexTokenKind.Close, close) ? value : null;
    });

    /// <summary>Terms with + and - between them.</summary>
    private MathExpression? ReadSum()
    {
        var key = (_at, _barCloses);
        if (_sums.TryGetValue(key, out var known))
        {
            if (known.Value is not null) _at = known.End;
            return known.Value;
        }
        var value = Nested(ReadTerms);
        _sums[key] = (value, _at);
        return value;
    }

    private MathExpression? ReadTerms()
    {
        var sum = ReadProduct(functionsFollow: true);
        while (sum is not null && Next.Kind is LatexTokenKind.Plus or LatexTokenKind.Minus)
        {
            var at = _at;
            var isPlus = Take(LatexTokenKind.Plus);
            if (!isPlus) _at++;
            if (ReadProduct(functionsFollow: true) is not { } term)
            {
                _at = at;
                break;
            }
            sum = isPlus ? Sum.Of(sum, term) : Sum.Difference(sum, term);
        }
        return sum;
    }

    /// <summary>Factors with signs of multiplication or division between them.</summary>
    private MathExpression? ReadProduct(bool functionsFollow)
    {
        var product = ReadSigned(functionsFollow);
        var divisions = 0;
        while (product is not null && Next.Kind is LatexTokenKind.Times or LatexTokenKind.Divide or LatexTokenKind.Modulo)
        {
            var at = _at++;
            var sign = tokens[at].Kind;
            if ((sign != LatexTokenKind.Times && divisions++ == LongestChain) || ReadSigned(functionsFollow) is not { } factor)
            {
                _at = at;
                break;
            }
            product = sign switch
            {
                LatexTokenKind.Times => Product.Of(product, factor),
                LatexTokenKind.Divide => Product.Quotient(product, factor),
                _ => new FunctionValue("Mod", [product, factor]),
            };
        }
        return product;
    }

    private MathExpression? ReadSigned(bool functionsFollow)
    {
        var isNegative = false;
        var at = _at;
        while (Next.Kind is LatexTokenKind.Plus or LatexTokenKind.Minus)
        {
            isNegative ^= Next.Kind == LatexTokenKind.Minus;
            _at++;
        }
        if (ReadNeighbours(functionsFollow) is not { } value)
        {
            _at = at;
            return null;
        }
        return isNegative ? Product.Negated(value) : value;
    }

    /// <summary>Factors that stand side by side. A whole number before a positive fraction or whole number is added to it: 5 1/2 begins as 6.</summary>
    private MathExpression? ReadNeighbours(bool functionsFollow)
    {
        var factors = new List<MathExpression>();
        while (Try(() => ReadMarked(functions: functionsFollow || factors.Count == 0)) is { } factor) factors.Add(factor);
        if (factors.Count == 0) return null;

        var product = factors[^1];
        for (var i = factors.Count - 2; i >= 0; i--)
        {
            product = factors[i] is IntegerNumber whole && Exactly(product) is { } part && part.Numerator.Sign > 0
                ? Mixed(whole, part)
                : Product.Of(factors[i], product);
            if (product is null) return null;
        }
        return product;
    }

    private static ExactRational? Exactly(MathExpression value) => value switch
    {
        IntegerNumber whole => ExactRational.Of(whole.Value),
        RationalNumber fraction => fraction.Value,
        _ => null,
    };

    private static MathExpression? Mixed(IntegerNumber whole, ExactRational part) =>
        ExactRational.Of(whole.Value).Plus(whole.Value.Sign < 0 ? part.Negated() : part)?.ToExpression();

    /// <summary>A power with the marks behind it: 5!, A', 30^\circ (whose circle means nothing).</summary>
    private MathExpression? ReadMarked(bool functions)
    {
        var value = ReadPower(functions);
        for (var marks = 0; value is not null && marks < LongestChain; marks++)
        {
            if (Take(LatexTokenKind.Bang)) value = new FunctionValue("factorial", [value]);
            else if (Take(LatexTokenKind.Prime)) value = new FunctionValue("transpose", [value], IsUnknown: true);
            else if (!Take(LatexTokenKind.Degree)) return value;
        }
        return value;
    }

    private MathExpression? ReadPower(bool functions)
    {
        var value = (functions ? ReadFunction() : null) ?? ReadComponent();
        for (var powers = 0; value is not null && powers < LongestChain && ReadExponent() is { } exponent; powers++)
        {
            value = new Power(value, exponent);
            ReadSubscript();
        }
        return value;
    }

    /// <summary>^ and a braced sum or a single atom.</summary>
    private MathExpression? ReadExponent() =>
        Nested(() => Take(LatexTokenKind.Superscript) ? ReadBraced() ?? ReadAtom() : null);

    private MathExpression? ReadBraced() => Between("{", "}", ReadSum);

    private MathExpression? ReadComponent() => ReadGroup() ?? ReadAtom() ?? ReadFraction() ?? ReadBinomial() ?? ReadMatrix();

    private MathExpression? ReadGroup() => Next.Kind switch
    {
        LatexTokenKind.Bar when !_barCloses => Try(() =>
        {
            _at++;
            _barCloses = true;
            return ReadSum() is { } inside && Take(LatexTokenKind.Bar) ? new FunctionValue("Abs", [inside]) : null;
        }),
        LatexTokenKind.Boxed => Try(() => Take(LatexTokenKind.Boxed) ? ReadBraced() : null),
        LatexTokenKind.Open => Next.Text switch
        {
            "(" => Between("(", ")", ReadSum),
            "{" => ReadBraced(),
            "[" => Between("[", "]", ReadSum),
            @"\{" => Between(@"\{", @"\}", ReadSum),
            "group" or "brack" => Between(Next.Text, Next.Text, ReadSum),
            "vert" => Between("vert", "vert", ReadSum) is { } inside ? new FunctionValue("Abs", [inside]) : null,
            "floor" or "ceiling" => Next.Text is var name && Between(name, name, ReadSum) is { } inside ? new FunctionValue(name, [inside]) : null,
            _ => null,
        },
        _ => null,
    };
}
