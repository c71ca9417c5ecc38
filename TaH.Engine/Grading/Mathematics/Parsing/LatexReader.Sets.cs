namespace TaH.Engine;

internal sealed partial class LatexReader
{
    private const int MostElements = 1000;

    /// <summary>The whole text: elements behind "x =", elements with relations of their own, or joined sets.</summary>
    public MathExpression? ReadAll() =>
        Whole(ReadAssignedElements) ?? Whole(() => AsSetOrAlone(ReadRows(relations: true))) ?? Whole(ReadSetRelation);

    private MathExpression? Whole(Func<MathExpression?> read) => Try(() => read() is { } value && AtEnd ? value : null);

    /// <summary>x = 1, 2 and (x, y) \in (1, 2): all that follows belongs to the one relation.</summary>
    private MathExpression? ReadAssignedElements()
    {
        if (ReadSymbols() is not { } left || !(Take(LatexTokenKind.Relation, "=") || Take(LatexTokenKind.In))) return null;
        return AsSetOrAlone(ReadRows(relations: false)) is { } right ? new Relation(RelationKind.Equal, left, right) : null;
    }

    private MathExpression? ReadSymbols() => Between("(", ")", () =>
    {
        var symbols = new List<MathExpression>();
        do
        {
            if (symbols.Count == MostElements || ReadSymbol() is not { } symbol) return null;
            symbols.Add(symbol);
        }
        while (Take(LatexTokenKind.Comma));
        return symbols.Count == 1 ? symbols[0] : new TupleValue([.. symbols]);
    }) ?? ReadSymbol();

    private MathExpression? ReadSymbol() =>
        Next.Kind is LatexTokenKind.Letter or LatexTokenKind.KnownSymbol or LatexTokenKind.Styled && !(dialect.Differentials && Next.Text == "E")
            ? ReadSymbolWithScripts()
            : null;

    private static MathExpression? AsSetOrAlone(List<List<MathExpression>>? rows) => rows switch
    {
        null => null,
        [[var alone]] => alone,
        [var row] => new FiniteSet([.. row]),
        _ when rows.TrueForAll(row => row.Count == 1) => new FiniteSet([.. rows.Select(row => row[0])]),
        _ => new FiniteSet([.. rows.Select(row => new TupleValue([.. row]))]),
    };

    /// <summary>Elements with commas between them, in rows with semicolons between them.</summary>
    private List<List<MathExpression>>? ReadRows(bool relations)
    {
        var rows = new List<List<MathExpression>>();
        var count = 0;
        do
        {
            var row = new List<MathExpression>();
            do
            {
                if (count++ == MostElements || ReadElement(relations) is not { } element) return null;
                row.AddRange(element);
            }
            while (Take(LatexTokenKind.Comma));
            rows.Add(row);
        }
        while (Take(LatexTokenKind.Semicolon));
        return rows;
    }

    /// <summary>a \pm b (two elements), a set or tuple that stands alone, or a relation.</summary>
    private MathExpression[]? ReadElement(bool relations)
    {
        if (_depth >= DeepestNesting) return null;
        _depth++;
        var element = Try(ReadPlusMinus) ?? (Try(ReadLoneSet) is { } set ? [set] : null);
        if (element is null && (relations ? ReadRelations() : ReadSum()) is { } value) element = [value];
        _depth--;
        return element;
    }

    private MathExpression[]? ReadPlusMinus()
    {
        var left = ReadSum();
        if (!Take(LatexTokenKind.PlusMinus) || ReadSum() is not { } right) return null;
        return left is null ? [Product.Negated(right), right] : [Sum.Of(left, right), Sum.Of(left, Product.Negated(right))];
    }

    private MathExpression? ReadLoneSet() =>
        ReadSetAtom() is { } set && Next.Kind is LatexTokenKind.Comma or LatexTokenKind.Semicolon or LatexTokenKind.Close or LatexTokenKind.End ? set : null;

    private MathExpression? ReadSetAtom()
    {
        if (Next.Kind == LatexTokenKind.KnownSet) return new NamedSet(Enum.Parse<KnownSet>(tokens[_at++].Text));
        if (Next.Kind == LatexTokenKind.Open && tokens[_at + 1].Is(LatexTokenKind.Close, "}") && Next.Text == "{")
        {
            _at += 2;
            return new NamedSet(KnownSet.Empty);
        }
        var key = _at;
        if (_setAtoms.TryGetValue(key, out var known))
        {
            if (known.Value is not null) _at = known.End;
            return known.Value;
        }
        var value = Try(ReadInterval) ?? ReadTuple() ?? ReadFiniteSet();
        _setAtoms[key] = (value, _at);
        return value;
    }

    private readonly Dictionary<int, (MathExpression? Value, int End)> _setAtoms = [];

    private MathExpression? ReadInterval()
    {
        if (Next is not { Kind: LatexTokenKind.Open, Text: "(" or "[" or @"\(" or "brack" or "group" }) return null;
        var leftOpen = Next.Text is "(" or @"\(" or "group";
        _at++;
        _barCloses = false;
        if (ReadSum() is not { } start || !Take(LatexTokenKind.Comma) || ReadSum() is not { } end) return null;
        if (Next is not { Kind: LatexTokenKind.Close, Text: ")" or "]" or @"\)" or "brack" or "group" }) return null;
        var rightOpen = Next.Text is ")" or @"\)" or "group";
        _at++;
        return Intervals.OrTuple(start, end, leftOpen, rightOpen);
    }

    private MathExpression? ReadTuple()
    {
        var rows = Between("(", ")", () => ReadRows(relations: true)) ?? Between(@"\(", @"\)", () => ReadRows(relations: true))
            ?? Between("[", "]", () => ReadRows(relations: true));
        return rows switch
        {
            null => null,
            [[var alone]] => alone,
            _ => new TupleValue([.. rows.SelectMany(row => row)]),
        };
    }

    private MathExpression? ReadFiniteSet()
    {
        if (Next.Kind == LatexTokenKind.Boxed) return Try(() => Take(LatexTokenKind.Boxed) ? AsSetOrAlone(Between("{", "}", () => ReadRows(true))) : null);
        var rows = Between("{", "}", () => ReadRows(relations: true)) ?? Between(@"\{", @"\}", () => ReadRows(relations: true));
        return rows is null ? null : new FiniteSet([.. rows.SelectMany(row => row)]);
    }

    /// <summary>Sides with relations between them; an approximate side is left out.</summary>
    private MathExpression? ReadRelations()
    {
        var value = ReadSum();
        while (value is not null && Next.Kind is LatexTokenKind.Relation or LatexTokenKind.Approximately)
        {
            var at = _at;
            var sign = Next;
            _at++;
            if (ReadSum() is not { } right)
            {
                _at = at;
                break;
            }
            value = sign.Kind == LatexTokenKind.Approximately ? Approximate(value, right) : Chain(value, KindOf(sign.Text), right);
        }
        return value;
    }

    private static MathExpression Approximate(MathExpression left, MathExpression right) => SymbolNames.IsOnlySymbols(left) ? right : left;

    private static MathExpression Chain(MathExpression left, RelationKind kind, MathExpression right) => left switch
    {
        RelationChain chain => new RelationChain([.. chain.Relations, new Relation(kind, chain.Last.Right, right)]),
        Relation relation => new RelationChain([relation, new Relation(kind, relation.Right, right)]),
        _ => new Relation(kind, left, right),
    };

    private static RelationKind KindOf(string sign) => sign switch
    {
        "=" or "==" => RelationKind.Equal,
        "!=" => RelationKind.NotEqual,
        "<" => RelationKind.Less,
        "<=" => RelationKind.LessOrEqual,
        ">" => RelationKind.Greater,
        _ => RelationKind.GreaterOrEqual,
    };

    /// <summary>x \in A \cup B, x = A \setminus B, or the joined sets alone.</summary>
    private MathExpression? ReadSetRelation()
    {
        var left = Try(() => ReadSymbols() is { } symbols && Next.Kind is LatexTokenKind.In or LatexTokenKind.NotIn or LatexTokenKind.Relation ? symbols : null);
        if (left is null) return ReadJoinedSets(SetOperator.Difference);
        var sign = Next;
        _at++;
        if (sign is { Kind: LatexTokenKind.Relation, Text: not "=" } || ReadJoinedSets(SetOperator.Difference) is not { } right) return null;
        return new Relation(sign.Kind == LatexTokenKind.NotIn ? RelationKind.NotEqual : RelationKind.Equal, left, right);
    }

    /// <summary>Intersections bind closest, then unions, then differences.</summary>
    private MathExpression? ReadJoinedSets(SetOperator loosest)
    {
        if (_depth >= DeepestNesting) return null;
        _depth++;
        MathExpression? ReadCloser() => loosest switch
        {
            SetOperator.Difference => ReadJoinedSets(SetOperator.Union),
            SetOperator.Union => ReadJoinedSets(SetOperator.Intersection),
            _ => Between("(", ")", () => ReadJoinedSets(SetOperator.Difference)) ?? ReadSetAtom(),
        };
        var sign = loosest switch
        {
            SetOperator.Difference => LatexTokenKind.SetMinus,
            SetOperator.Union => LatexTokenKind.Union,
            _ => LatexTokenKind.Intersection,
        };
        var value = ReadCloser();
        for (var joined = 0; value is not null && joined < LongestChain && Take(sign); joined++)
        {
            value = ReadCloser() is { } right ? new JoinedSet(loosest, AsSet(value), AsSet(right)) : null;
        }
        _depth--;
        return value;
    }

    private static MathExpression AsSet(MathExpression value) => value is TupleValue tuple ? new FiniteSet(tuple.Elements) : value;
}
