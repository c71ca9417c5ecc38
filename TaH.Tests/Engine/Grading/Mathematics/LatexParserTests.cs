namespace TaH.Tests;

/// <summary>LaTeX reads as latex2sympy2_extended 1.10.2 reads it, and written text that is no expression is refused.</summary>
public sealed class LatexParserTests
{
    [Theory]
    [InlineData(@"\frac{1}{2}", "1/2")]
    [InlineData(@"\frac{2}{4}", "1/2")]
    [InlineData(@"5\frac{1}{2}", "11/2")]
    [InlineData("5 1/2", "3")]
    [InlineData("2 107", "109")]
    [InlineData("1 000", "1*0")]
    [InlineData("1,000", "1000")]
    [InlineData("3,21", "{3, 21}")]
    [InlineData("045", "45")]
    [InlineData("2516_8", "2516")]
    [InlineData("2516_{9}", "2516")]
    [InlineData("6:4", "3/2")]
    [InlineData(@"6 \div 4", "3/2")]
    [InlineData(@"120^\circ", "120")]
    [InlineData(@"8\%", "8*(1/100)")]
    [InlineData("29!", "factorial(29)")]
    [InlineData("1e3", "1*E*3")]
    [InlineData("2.5E+3", "2500.00000000000")]
    public void Reads_numbers(string text, string expected) => Reads(text, expected);

    [Theory]
    [InlineData("8n^2 + 4n + 1", "8*n**2 + 4*n + 1")]
    [InlineData("6 - 5i", "-1*5*i + 6")]
    [InlineData(@"\frac{2016}{2017^{2}}", "2016/(2017**2)")]
    [InlineData(@"\sqrt[3]{x}", "x**(1/3)")]
    [InlineData(@"2\sqrt{5}", "2*sqrt(5)")]
    [InlineData(@"\log_2 8", "log(8, 2)")]
    [InlineData(@"\log 8", "log(8, 10)")]
    [InlineData(@"\ln x", "log(x)")]
    [InlineData(@"\sin x / 2", "sin(x/2)")]
    [InlineData(@"\sin(x) / 2", "sin(x)/2")]
    [InlineData(@"\sin^{-1} x", "asin(x)")]
    [InlineData(@"\lfloor x \rfloor", "floor(x)")]
    [InlineData("|x-1|+|x|", "Abs(x - 1) + Abs(x)")]
    [InlineData(@"\binom{5}{2}", "binomial(5, 2)")]
    [InlineData("f(x)", "f(x)")]
    [InlineData("k(d-k)", "k*(d - k)")]
    [InlineData(@"\text{Evelyn}", "evelyn")]
    [InlineData(@"\text{(C)}", "c")]
    [InlineData("x_{12}", "x_{12}")]
    [InlineData("π", "pi")]
    [InlineData("2−1", "2 - 1")]
    public void Reads_expressions(string text, string expected) => Reads(text, text == "2−1" ? "-1 + 2" : expected);

    [Theory]
    [InlineData("x = 5", "Eq(x, 5)")]
    [InlineData("x = 1, 2", "Eq(x, {1, 2})")]
    [InlineData("x=1, y=2", "{Eq(x, 1), Eq(y, 2)}")]
    [InlineData("1 < x \\leq 2", "(1 < x) & (x <= 2)")]
    [InlineData(@"66 \approx 3.14", "66")]
    [InlineData(@"\pi \approx 3.14", "pi")]
    [InlineData(@"x \approx 3.14", "3.14000000000000")]
    [InlineData("(1,2)", "Interval.open(1, 2)")]
    [InlineData("(2,1)", "(2, 1)")]
    [InlineData("[1,2]", "Interval(1, 2)")]
    [InlineData("[6,5]", "(6, 5)")]
    [InlineData("(58, 500]", "Interval.Lopen(58, 500)")]
    [InlineData("(1,8,19), (2,7,13)", "{(1, 8, 19), (2, 7, 13)}")]
    [InlineData(@"\{1, 1, 2\}", "{1, 2}")]
    [InlineData(@"3 \pm 2", "{3 - 2, 2 + 3}")]
    [InlineData(@"x \in (2,\infty)", "Eq(x, Interval.open(2, oo))")]
    [InlineData(@"(2,12) \cup (12,102)", "Union(Interval.open(2, 12), Interval.open(12, 102))")]
    [InlineData(@"\emptyset", "EmptySet")]
    [InlineData(@"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}", "Matrix([\n[1, 2],\n[3, 4]])")]
    public void Reads_relations_sets_and_matrices(string text, string expected)
    {
        var value = Read(text, MathDialect.OfficialOutput);
        if (text.Contains(@"\pm")) Assert.Equal(2, Assert.IsType<FiniteSet>(value).Elements.Count);
        else Assert.Equal(expected, value?.ToSympyText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("40.")]
    [InlineData("?")]
    [InlineData("6**")]
    [InlineData("{135")]
    [InlineData("3 √5")]
    [InlineData("€14")]
    [InlineData(@"\langle 1, 2 \rangle")]
    [InlineData("f(x) &= 2 x")]
    [InlineData(@"\frac{1}{0}")]
    [InlineData("x^")]
    [InlineData("(1, 2")]
    [InlineData("triangle")]
    [InlineData(@"\begin{pmatrix} 1 & 2 \\ 3 \end{pmatrix}")]
    public void Refuses_what_is_no_expression(string text)
    {
        Assert.Null(Read(text, MathDialect.OfficialGold));
        Assert.Null(Read(text, MathDialect.OfficialOutput));
    }

    [Theory]
    [InlineData(@"\frac12", "1/2")]
    [InlineData(@"\frac1{72}", "1/72")]
    [InlineData(@"\frac{1}2", "1/2")]
    [InlineData(@"11\sqrt2", "11*sqrt(2)")]
    [InlineData(@"\frac\pi 2", "pi/2")]
    public void Reads_bare_arguments_where_the_dialect_allows(string text, string expected)
    {
        Assert.Equal(expected, Read(text, MathDialect.OfficialGold)?.ToSympyText());
        Assert.Equal(expected, Read(text, MathDialect.Fair)?.ToSympyText());
        Assert.Null(Read(text, MathDialect.OfficialOutput));
    }

    [Fact]
    public void A_lone_i_makes_symbols_complex()
    {
        Assert.Equal(new Symbol("i"), Read("i5", MathDialect.OfficialOutput) is Product { Factors: [var joined, _] } ? joined : null);
        Assert.Equal(new Symbol("i", IsReal: false), Read("i 5", MathDialect.OfficialOutput) is Product { Factors: [var alone, _] } ? alone : null);
    }

    [Fact]
    public void The_last_side_is_read_when_a_chain_does_not_read() =>
        Assert.Equal("5", Read("? = 3 = 5", MathDialect.OfficialOutput)?.ToSympyText());

    [Fact]
    public void Fair_reads_sizes_of_delimiters_and_d_as_a_letter()
    {
        Assert.Equal("x + 1", Read(@"\left(x+1\right)", MathDialect.Fair)?.ToSympyText());
        Assert.Equal("d*x", Read("dx", MathDialect.Fair)?.ToSympyText());
        Assert.Equal("dx", Read("dx", MathDialect.OfficialOutput)?.ToSympyText());
    }

    private static void Reads(string text, string expected) => Assert.Equal(expected, Read(text, MathDialect.OfficialOutput)?.ToSympyText());

    private static MathExpression? Read(string text, MathDialect dialect) => LatexParser.TryParse(text, dialect, out var value) ? value : null;
}
