namespace TaH.Tests;

/// <summary>Values compare as in math-verify 0.8.0: the order of steps, its tolerance and its oddities.</summary>
public sealed class MathComparisonTests
{
    [Theory]
    [InlineData(@"\frac{1}{3}", "0.333333", true)]
    [InlineData(@"\frac{1}{3}", "0.33333", false)]
    [InlineData(@"\pi", "3.141593", true)]
    [InlineData(@"\pi", "3.14159", false)]
    [InlineData("75", "75.0", true)]
    [InlineData("25", "25.0000001", false)]
    [InlineData(@"8\%", "0.08", true)]
    [InlineData(@"8\%", @"\frac{8}{100}", true)]
    [InlineData(@"8\%", "8", false)]
    [InlineData(@"\frac{16}{27}", @"59.2593\%", true)]
    [InlineData("116", @"1.16 \cdot 10^2", false)]
    [InlineData("385", @"3.85 \cdot 10^2", true)]
    [InlineData("1/2", "2/4", true)]
    [InlineData("100000000000000000001", "100000000000000000000", false)]
    public void Numbers(string gold, string answer, bool expected) => Official(gold, answer, expected);

    [Theory]
    [InlineData(@"\sqrt{8}", @"2\sqrt{2}", true)]
    [InlineData(@"\sqrt{25}", "5", true)]
    [InlineData(@"\sqrt{3+2\sqrt{2}}", @"1+\sqrt{2}", true)]
    [InlineData(@"\sin(\frac{\pi}{6})", @"\frac{1}{2}", true)]
    [InlineData(@"\log_2 8", "3", true)]
    [InlineData("(x+1)^2", "x^2+2x+1", true)]
    [InlineData("(x+1)^2", "x^2+2x+2", false)]
    [InlineData(@"\frac{x^2-1}{x-1}", "x+1", true)]
    [InlineData(@"\sqrt{x^2}", "x", false)]
    [InlineData(@"\sqrt{x^2}", "|x|", true)]
    [InlineData("(x+1)^{1000}", @"(x+1)^{999} \cdot (x+1)", true)]
    [InlineData("X^2", "x^2", true)]
    [InlineData("t+1", "x+1", false)]
    [InlineData("5!", "120", true)]
    [InlineData(@"\binom{5}{2}", "10", true)]
    [InlineData(@"\sum_{k=1}^{10} k", "55", true)]
    [InlineData(@"\begin{vmatrix} 1 & 2 \\ 3 & 4 \end{vmatrix}", "-2", true)]
    [InlineData(@"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", @"\begin{bmatrix} 1 \\ \frac{4}{2} \end{bmatrix}", true)]
    [InlineData(@"\begin{pmatrix} 1 \\ 2 \end{pmatrix}", "(1,2)", false)]
    [InlineData("6-5i", "6 - 5 i", false)]
    public void Expressions(string gold, string answer, bool expected) => Official(gold, answer, expected);

    [Theory]
    [InlineData(@"\text{C}", "C", true)]
    [InlineData("Evelyn", @"\text{Evelyn}", true)]
    [InlineData("Evelyn", @"\text{nylevE}", false)]
    [InlineData(@"\text{204}", "204", true)]
    [InlineData(@"\text{3.21}", "3.21", false)]
    public void Symbols(string gold, string answer, bool expected) => Official(gold, answer, expected);

    [Theory]
    [InlineData("5", "x=5", true)]
    [InlineData("5", "2+3x = 5", true)]
    [InlineData("5", "3 = 5", true)]
    [InlineData("5", "x+1=6", false)]
    [InlineData("5", @"x \in \{5\}", true)]
    [InlineData("x=5", "5", true)]
    [InlineData("x=5", "5=x", true)]
    [InlineData("x=5", "x-5=0", true)]
    [InlineData("x=5", "x+1=6", true)]
    [InlineData("x=5", "y=5", false)]
    [InlineData("x=5", "2x=10", false)]
    [InlineData("y=2x+3", "2x+3", true)]
    [InlineData("y=2x+3", "2y=4x+6", true)]
    [InlineData("y=2x+3", "2x-y+3=0", true)]
    [InlineData("x>2", @"(2,\infty)", true)]
    [InlineData("x>2", "2<x", true)]
    [InlineData("x>2", "-x<-2", true)]
    [InlineData("x>2", "x<2", false)]
    [InlineData(@"(2,\infty)", "x>2", false)]
    [InlineData(@"(2,\infty)", @"x \in (2,\infty)", true)]
    public void Relations(string gold, string answer, bool expected) => Official(gold, answer, expected);

    [Theory]
    [InlineData("(1,2)", "1, 2", true)]
    [InlineData("(1,2)", @"\{2,1\}", false)]
    [InlineData("(1,2)", "x=1, y=2", true)]
    [InlineData("(1,2)", "[1,2]", false)]
    [InlineData("1,2", "(2,1)", true)]
    [InlineData("1,2", @"\{2,1\}", true)]
    [InlineData("5, 5", "5", true)]
    [InlineData("(7,5,7)", "7,5,7", false)]
    [InlineData(@"(-\infty, 2) \cup (3, \infty)", @"(3, \infty) \cup (-\infty, 2)", true)]
    [InlineData(@"(-\infty, 2) \cup (3, \infty)", @"(-\infty, 3) \cup (3, \infty)", false)]
    [InlineData(@"\mathbb{R} \setminus \{0\}", @"(-\infty,0) \cup (0,\infty)", true)]
    [InlineData(@"\{\frac{1}{3}, 2\}", "0.333333, 2", true)]
    public void Sets_and_tuples(string gold, string answer, bool expected) => Official(gold, answer, expected);

    [Theory]
    [InlineData("5", "3 = 5", false)]
    [InlineData("5", "x = 3 + 2 = 5", true)]
    [InlineData("x=5", "2x=10", true)]
    [InlineData("x>2", "2x>4", true)]
    [InlineData("x>2", "-2x>-4", false)]
    [InlineData(@"(2,\infty)", "x>2", true)]
    [InlineData("6-5i", "6 - 5 i", true)]
    [InlineData("116", @"1.16 \cdot 10^2", true)]
    [InlineData("x(2)", "2x", true)]
    public void Fair_has_none_of_the_oddities(string gold, string answer, bool expected) =>
        Assert.Equal(
            expected,
            MathComparison.AreEqual(Read(gold, MathDialect.Fair), Read(answer, MathDialect.Fair), ComparisonOptions.Fair, TestContext.Current.CancellationToken));

    private static void Official(string gold, string answer, bool expected) => Assert.Equal(
        expected,
        MathComparison.AreEqual(
            Read(gold, MathDialect.OfficialGold), Read(answer, MathDialect.OfficialOutput), ComparisonOptions.Official, TestContext.Current.CancellationToken));

    private static MathExpression Read(string text, MathDialect dialect)
    {
        Assert.True(LatexParser.TryParse(text, dialect, out var value), text);
        return value;
    }
}
