using System.Numerics;

namespace TaH.Engine;

internal sealed partial class LatexReader
{
    private const int MostArguments = 100;

    private static readonly string[] UsualFunctionNames = ["f", "g", "h", "F", "G", "H", "P", "p", "q", "Q"];

    /// <summary>A named function, a root, a sum or product over a range, a power of e, or an unknown function such as f(x).</summary>
    private MathExpression? ReadFunction() => Next.Kind switch
    {
        LatexTokenKind.Function or LatexTokenKind.OperatorName => Nested(ReadNamedFunction),
        LatexTokenKind.SeveralArgumentsFunction => Try(ReadSeveralArguments),
        LatexTokenKind.Letter or LatexTokenKind.KnownSymbol or LatexTokenKind.Styled => Nested(ReadUnknownFunction),
        LatexTokenKind.Root => Try(ReadRoot),
        LatexTokenKind.Series => Nested(ReadSeries),
        LatexTokenKind.Euler => ReadEuler(),
        _ => null,
    };

    private MathExpression ReadEuler()
    {
        _at++;
        var e = new Constant(NamedConstant.E);
        return ReadExponent() is { } exponent ? new Power(e, exponent) : e;
    }

    private MathExpression? ReadNamedFunction()
    {
        var name = Next.Text;
        _at++;
        if (name == "operatorname")
        {
            if (!Take(LatexTokenKind.Open, "{") || Next.Kind != LatexTokenKind.ReservedWord) return null;
            name = Next.Text;
            _at++;
            if (!Take(LatexTokenKind.Close, "}")) return null;
        }

        var power = ReadExponent();
        var below = Try(() => Take(LatexTokenKind.Subscript) ? ReadBraced() ?? ReadAtom() : null);
        power ??= ReadExponent();
        if ((Between("(", ")", ReadSum) ?? ReadProduct(functionsFollow: false)) is not { } argument) return null;

        if (power is IntegerNumber { Value.IsOne: false } inverse && inverse.Value == BigInteger.MinusOne && IsInvertible(name)) (name, power) = ("a" + name, null);
        var value = Apply(name, argument, below);
        return power is null || value is null ? value : new Power(value, power);
    }

    private static bool IsInvertible(string name) => name is "sin" or "cos" or "tan" or "csc" or "sec" or "cot" or "sinh" or "cosh" or "tanh";

    private static MathExpression? Apply(string name, MathExpression argument, MathExpression? below) => name switch
    {
        "log" => new FunctionValue("log", [argument, below ?? Number(10)]),
        "ln" => new FunctionValue("log", [argument, below ?? new Constant(NamedConstant.E)]),
        "exp" => new Power(new Constant(NamedConstant.E), argument),
        "ceil" => new FunctionValue("ceiling", [argument]),
        "det" => argument is MatrixValue matrix ? Determinant.Of(matrix) : null,
        _ when name.StartsWith("arc") => new FunctionValue("a" + name[3..], [argument]),
        _ when name.StartsWith("ar") => new FunctionValue("a" + name[2..], [argument]),
        _ when IsInvertible(name.TrimStart('a')) || name == "floor" => new FunctionValue(name, [argument]),
        _ => null,
    };

    private MathExpression? ReadSeveralArguments()
    {
        var name = Next.Text;
        _at++;
        var power = ReadExponent();
        var arguments = Between("(", ")", ReadArguments) ?? Between(@"\{", @"\}", ReadArguments);
        if (arguments is null) return null;
        MathExpression value = new FunctionValue(name, [.. arguments]);
        return power is null ? value : new Power(value, power);
    }

    private List<MathExpression>? ReadArguments()
    {
        var arguments = new List<MathExpression>();
        do
        {
            if (arguments.Count == MostArguments || ReadSum() is not { } argument) return null;
            arguments.Add(argument);
        }
        while (Take(LatexTokenKind.Comma));
        return arguments;
    }

    /// <summary>A symbol before one atom or several arguments in parentheses, f(x) or f(x + 1, y); f(x + 1) is a product.</summary>
    private MathExpression? ReadUnknownFunction()
    {
        var token = Next;
        _at++;
        if (dialect.CallsNeedFunctionNames && !UsualFunctionNames.Contains(token.Text)) return null;
        var subscript = ReadSubscript();
        var power = ReadExponent();
        var arguments = Between("(", ")", ReadCallArguments) ?? Between("[", "]", ReadCallArguments)
            ?? Between("{", "}", () => Between("(", ")", ReadCallArguments) ?? Between("[", "]", ReadCallArguments));
        if (arguments is null) return null;
        var name = token.Source.Trim() + (subscript is null ? "" : "_" + subscript);
        MathExpression value = new FunctionValue(name, [.. arguments], IsUnknown: true);
        return power is null ? value : new Power(value, power);
    }

    private List<MathExpression>? ReadCallArguments()
    {
        var alone = Try(() => ReadAtom() is { } atom && Next.Kind == LatexTokenKind.Close ? atom : null);
        if (alone is not null) return [alone];
        return ReadArguments() is { Count: > 1 } several ? several : null;
    }

    private MathExpression? ReadRoot()
    {
        _at++;
        var degree = Between("[", "]", ReadSum);
        if (ReadBraced() is not { } inside) return null;
        if (degree is null) return Power.SquareRoot(inside);
        return Product.Quotient(Number(1), degree) is { } exponent
            ? new Power(inside, exponent is Product { Factors: [IntegerNumber, Power reciprocal] } ? reciprocal : exponent)
            : null;
    }

    /// <summary>\sum_{k=1}^{n} term: FunctionValue "Sum" or "Product" of (term, variable, first, last).</summary>
    private MathExpression? ReadSeries()
    {
        var name = Next.Text;
        _at++;
        var last = ReadExponent();
        if (!Take(LatexTokenKind.Subscript) || !Take(LatexTokenKind.Open, "{")) return null;
        if (ReadSum() is not Symbol variable || !Take(LatexTokenKind.Relation, "=") || ReadSum() is not { } first) return null;
        if (!Take(LatexTokenKind.Close, "}")) return null;
        last ??= ReadExponent();
        return last is not null && ReadProduct(functionsFollow: true) is { } term ? new FunctionValue(name, [term, variable, first, last]) : null;
    }

    private MathExpression? ReadFraction() => Next.Kind != LatexTokenKind.Fraction ? null : Try(() =>
    {
        _at++;
        return ReadBraced() is { } upper && ReadBraced() is { } lower ? Product.Quotient(upper, lower) : null;
    });

    private MathExpression? ReadBinomial() => Next.Kind switch
    {
        LatexTokenKind.Binomial => Try(() =>
        {
            _at++;
            return ReadBraced() is { } upper && ReadBraced() is { } lower ? new FunctionValue("binomial", [upper, lower]) : null;
        }),
        LatexTokenKind.Open when Next.Text == "{" => Between("{", "}", () =>
            ReadSum() is { } upper && Take(LatexTokenKind.Choose) && ReadSum() is { } lower ? new FunctionValue("binomial", [upper, lower]) : null),
        _ => null,
    };

    private MathExpression? ReadMatrix() => Next.Kind != LatexTokenKind.MatrixStart ? null : Try(() =>
    {
        var kind = Next.Text;
        _at++;
        var elements = new List<MathExpression>();
        var columns = 0;
        do
        {
            if (Next.Kind == LatexTokenKind.MatrixEnd && columns > 0) break;
            var before = elements.Count;
            do
            {
                if (ReadSum() is not { } element) return null;
                elements.Add(element);
            }
            while (Take(LatexTokenKind.NextColumn));
            if (columns > 0 && elements.Count - before != columns) return null;
            columns = elements.Count - before;
        }
        while (Take(LatexTokenKind.NextRow));
        if (!Take(LatexTokenKind.MatrixEnd, kind)) return null;
        var matrix = new MatrixValue(columns, [.. elements]);
        return kind == "determinant" ? Determinant.Of(matrix) : matrix;
    });
}
