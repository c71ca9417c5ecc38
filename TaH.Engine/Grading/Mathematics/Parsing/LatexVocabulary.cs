using System.Collections.Frozen;

namespace TaH.Engine;

/// <summary>The fixed pieces of the grammar: how they are written, and what each is.</summary>
/// <remarks>Source: the lexer rules of latex2sympy2_extended (PS.g4); as there the longest piece that fits is taken, whatever follows it.</remarks>
internal static class LatexVocabulary
{
    /// <summary>Spaces and marks that mean nothing.</summary>
    public static readonly string[] Skipped =
    [
        @"\,", @"\thinspace", @"\:", @"\medspace", @"\;", @"\thickspace", @"\quad", @"\qquad", @"\!", @"\negthinspace", @"\negmedspace",
        @"\negthickspace", @"\$", @"\vrule", @"\vcenter", @"\vbox", @"\vskip", @"\vspace", @"\hfil",
    ];

    /// <summary>Commands whose braces hold a name, and what is left of the command in that name.</summary>
    public static readonly FrozenDictionary<string, string> Styles = StyleNames().ToFrozenDictionary();

    /// <summary>Words that a reader of plain letters stumbles over: the grammar keeps them for \operatorname.</summary>
    public static readonly string[] ReservedWords =
    [
        "arsinh", "arcsinh", "arcosh", "arccosh", "artanh", "arctanh", "gcd", "lcm", "floor", "ceil", "eye", "zeros", "ones", "cols", "rows", "diag",
        "norm", "rank", "trace", "tr", "rref", "hstack", "vstack", "orth", "ortho", "orthogonal", "orthogonalize", "nullspace", "eig", "eigen",
        "diagonalize", "eigenvals", "eigenvalues", "eigenvects", "eigenvectors", "svd", "SVD", "matrix", "pmatrix", "bmatrix", "vmatrix",
    ];

    private static readonly string[] Greek =
    [
        "alpha", "beta", "gamma", "Gamma", "delta", "Delta", "epsilon", "varepsilon", "zeta", "eta", "theta", "Theta", "vartheta", "iota", "kappa",
        "lambda", "Lambda", "mu", "nu", "xi", "Xi", "omicron", "pi", "Pi", "varpi", "rho", "varrho", "sigma", "Sigma", "varsigma", "tau", "upsilon",
        "Upsilon", "phi", "Phi", "varphi", "chi", "psi", "Psi", "omega", "Omega",
    ];

    private const string GreekLetters = "αβγΓδΔεϵζηθΘϑικλΛμνξΞοπΠϖρϱσΣςτυΥφΦϕχψΨωΩ";

    private static readonly string[] OtherSymbols =
    [
        "Bbbk", "wp", "nabla", "bigstar", "angle", "nexists", "diagdown", "measuredangle", "eth", "diagup", "sphericalangle", "clubsuit",
        "varnothing", "Diamond", "complement", "diamondsuit", "imath", "Finv", "triangledown", "heartsuit", "jmath", "Game", "triangle", "spadesuit",
        "ell", "hbar", "vartriangle", "hslash", "blacklozenge", "lozenge", "blacksquare", "mho", "blacktriangle", "sharp", "prime", "Im", "flat",
        "square", "backprime", "Re", "natural", "surd", "circledS",
    ];

    private static readonly string[] Functions =
    [
        "log", "ln", "exp", "sin", "cos", "tan", "csc", "sec", "cot", "arcsin", "arccos", "arctan", "arccsc", "arcsec", "arccot", "sinh", "cosh",
        "tanh", "arsinh", "arcosh", "artanh", "arcsinh", "arccosh", "arctanh", "floor", "ceil", "det",
    ];

    private static readonly FrozenDictionary<string, (LatexTokenKind Kind, string Text)> Pieces = AllPieces().ToFrozenDictionary();

    private static readonly int LongestPiece = Pieces.Keys.Max(piece => piece.Length);

    /// <summary>The longest piece that <paramref name="text"/> begins with, or null.</summary>
    public static LatexToken? Match(ReadOnlySpan<char> text)
    {
        var pieces = Pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var length = Math.Min(LongestPiece, text.Length); length > 0; length--)
        {
            if (pieces.TryGetValue(text[..length], out var piece)) return new LatexToken(piece.Kind, piece.Text, text[..length].ToString());
        }
        return null;
    }

    private static Dictionary<string, string> StyleNames()
    {
        var names = new Dictionary<string, string>();
        foreach (var same in new[] { "acute", "breve", "check", "widecheck", "dot", "ddot", "grave", "hat", "bm", "boldsymbol" }) names[same] = same;
        foreach (var text in new[] { "text", "textit", "textbf", "textnormal", "mbox" }) names[text] = "";
        foreach (var (command, name) in new[]
        {
            ("bar", "bar"), ("overline", "bar"), ("vec", "vec"), ("overrightarrow", "vec"), ("tilde", "tilde"), ("widetilde", "tilde"),
        }) names[command] = name;
        foreach (var math in new[]
        {
            "bb", "bin", "bf", "cal", "clap", "close", "ellipsis", "frak", "inner", "it", "normal", "op", "open", "ord", "punct", "rel", "ring",
            "rlap", "rm", "scr", "sf", "sterling", "tt",
        }) names["math" + math] = "math";
        return names;
    }

    private static Dictionary<string, (LatexTokenKind Kind, string Text)> AllPieces()
    {
        var pieces = new Dictionary<string, (LatexTokenKind, string)>();
        void Add(LatexTokenKind kind, string text, params string[] ways)
        {
            foreach (var way in ways) pieces[way] = (kind, text);
        }

        Add(LatexTokenKind.Plus, "+", "+", "∔", "⊕", "⊞");
        Add(LatexTokenKind.Minus, "-", "-", "−", "∸");
        Add(LatexTokenKind.Times, "*", "*", "×", "⋅", "⋄", "⊡", "∗", "⋆", "∘", "∙", "⊗", "⊠", "⋈", "⋉", "⋊", @"\times", @"\cdot");
        Add(LatexTokenKind.Divide, "/", "/", "÷", "∕", @"\over", @"\div", ":");
        Add(LatexTokenKind.Modulo, "mod", @"\mod");
        Add(LatexTokenKind.PlusMinus, "+-", @"\pm", "±", "∓", @"\mp");
        Add(LatexTokenKind.Bang, "!", "!");
        Add(LatexTokenKind.Prime, "'", "'", "^T", "^{T}", @"^{\top}");
        foreach (var circle in new[] { @"\circ", @"\degree", @"\circle", "°" }) Add(LatexTokenKind.Degree, "°", "^" + circle, "^{" + circle + "}");

        foreach (var (kind, parenthesis, bracket, brace) in new[] { (LatexTokenKind.Open, "(", "[", "{"), (LatexTokenKind.Close, ")", "]", "}") })
        {
            var side = kind == LatexTokenKind.Open ? 'l' : 'r';
            Add(kind, parenthesis, parenthesis);
            Add(kind, bracket, bracket);
            Add(kind, brace, brace);
            Add(kind, @"\" + parenthesis, @"\" + parenthesis);
            Add(kind, @"\" + brace, @"\" + brace, $@"\{side}brace");
            Add(kind, "group", $@"\{side}group");
            Add(kind, "brack", $@"\{side}brack");
            Add(kind, "floor", $@"\{side}floor", kind == LatexTokenKind.Open ? @"\llcorner" : @"\lrcorner");
            Add(kind, "ceiling", $@"\{side}ceil", kind == LatexTokenKind.Open ? @"\ulcorner" : @"\urcorner");
            Add(kind, "vert", $@"\{side}vert");
        }

        Add(LatexTokenKind.Bar, "|", "|", @"\vert");
        Add(LatexTokenKind.Comma, ",", ",");
        Add(LatexTokenKind.Semicolon, ";", ";");
        Add(LatexTokenKind.Subscript, "_", "_");
        Add(LatexTokenKind.Superscript, "^", "^");

        Add(LatexTokenKind.Relation, "=", "=", "≡", "≣", "≟", "≎", "≏", "≐", "≑", "≒", "≓", "≔", "≕", "≖", "≗");
        Add(LatexTokenKind.Relation, "==", "==", @"\equiv");
        Add(LatexTokenKind.Relation, "<", "<", "≪", "≺", "⋖", @"\lt");
        Add(LatexTokenKind.Relation, "<=", @"\leq", @"\le", @"\leqslant", "≤", "≦", "≲", "≾", "<=");
        Add(LatexTokenKind.Relation, ">", ">", "≫", "≻", "⋗", @"\gt");
        Add(LatexTokenKind.Relation, ">=", @"\geq", @"\ge", @"\geqslant", "≥", "≧", "≳", "≿", ">=");
        Add(LatexTokenKind.Relation, "!=", "!=", "!==", @"\ne", @"\neq", @"\not\equiv", "≠", "≁", "≄", "≇", "≉", "≢");
        Add(LatexTokenKind.Approximately, "~", "~=", "≈", "≊", "≋", "≃", "≅", @"\approx");
        Add(LatexTokenKind.In, "in", @"\in");
        Add(LatexTokenKind.NotIn, "notin", @"\notin", "∉");
        Add(LatexTokenKind.Subset, "subset", @"\subseteq", "⊆");
        Add(LatexTokenKind.Superset, "superset", @"\supseteq", "⊇");
        Add(LatexTokenKind.Union, "union", @"\cup", "∪");
        Add(LatexTokenKind.Intersection, "intersection", @"\cap", "∩");
        Add(LatexTokenKind.SetMinus, "minus", @"\setminus", "∖");

        Add(LatexTokenKind.KnownSet, nameof(KnownSet.Empty), @"\emptyset", "∅", @"\{\}", @"\lbrace\rbrace");
        Add(LatexTokenKind.KnownSet, nameof(KnownSet.Naturals), @"\mathbb{N}", "ℕ");
        Add(LatexTokenKind.KnownSet, nameof(KnownSet.Integers), @"\mathbb{Z}", "ℤ");
        Add(LatexTokenKind.KnownSet, nameof(KnownSet.Rationals), @"\mathbb{Q}", "ℚ");
        Add(LatexTokenKind.KnownSet, nameof(KnownSet.Reals), @"\mathbb{R}", "ℝ");
        Add(LatexTokenKind.KnownSet, nameof(KnownSet.Complexes), @"\mathbb{C}", "ℂ");

        foreach (var function in Functions) Add(LatexTokenKind.Function, function, @"\" + function);
        foreach (var function in new[] { "gcd", "lcm", "max", "min" }) Add(LatexTokenKind.SeveralArgumentsFunction, function, @"\" + function);
        Add(LatexTokenKind.Fraction, "frac", @"\frac", @"\dfrac", @"\tfrac", @"\cfrac");
        Add(LatexTokenKind.Binomial, "binom", @"\binom", @"\tbinom", @"\dbinom");
        Add(LatexTokenKind.Choose, "choose", @"\choose");
        Add(LatexTokenKind.Root, "sqrt", @"\sqrt");
        Add(LatexTokenKind.Series, "Sum", @"\sum");
        Add(LatexTokenKind.Series, "Product", @"\prod");
        Add(LatexTokenKind.OperatorName, "operatorname", @"\operatorname");
        Add(LatexTokenKind.Boxed, "boxed", @"\boxed");
        Add(LatexTokenKind.Boxed, "phantom", @"\phantom");
        foreach (var (kind, command) in new[] { (LatexTokenKind.MatrixStart, @"\begin"), (LatexTokenKind.MatrixEnd, @"\end") })
        {
            foreach (var name in new[] { "matrix", "pmatrix", "bmatrix" }) Add(kind, "matrix", $"{command}{{{name}}}");
            Add(kind, "determinant", command + "{vmatrix}");
        }
        Add(LatexTokenKind.MatrixEnd, "matrix", @"\end{array}");
        Add(LatexTokenKind.NextColumn, "&", "&");
        Add(LatexTokenKind.NextRow, @"\\", @"\\");

        Add(LatexTokenKind.Euler, "e", "e", @"\exponentialE");
        Add(LatexTokenKind.Infinity, "oo", @"\infty", "∞");
        foreach (var letter in Greek) Add(LatexTokenKind.KnownSymbol, letter, @"\" + letter);
        for (var i = 0; i < Greek.Length; i++) Add(LatexTokenKind.KnownSymbol, Greek[i], GreekLetters[i].ToString());
        foreach (var symbol in OtherSymbols) Add(LatexTokenKind.KnownSymbol, symbol, @"\" + symbol);
        return pieces;
    }
}
