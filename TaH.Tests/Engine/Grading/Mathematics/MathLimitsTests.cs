using System.Diagnostics;

namespace TaH.Tests;

/// <summary>No text crashes or hangs the readers and the comparison: limits end them, and too much work is "not equal".</summary>
public sealed class MathLimitsTests
{
    private static readonly string[] Pieces =
    [
        "1", "2", "9", "0", ".", ",", ";", "x", "y", "e", "i", "d", "f", "(", ")", "[", "]", "{", "}", @"\{", @"\}", "|", "+", "-", "*", "/", "^", "_", "!", "=",
        "<", ">", @"\frac", @"\sqrt", @"\pi", @"\sin", @"\log", @"\cup", @"\in", @"\infty", @"\pm", @"\text{a}", @"\%", "%", @"\begin{pmatrix}",
        @"\end{pmatrix}", "&", @"\\", @"\sum", @"\binom", " ", @"\cdot", ":", "'", "\0", "é", @"\left", @"\boxed", @"\max", "10", "E",
    ];

    public static TheoryData<string> Hostile() =>
    [
        new string('(', 5000), new string('{', 4900), new string('|', 4999), new string('-', 4999) + "1", string.Concat(Enumerable.Repeat("f(", 2400)),
        string.Concat(Enumerable.Repeat("2^", 2400)) + "2", string.Concat(Enumerable.Repeat("x^{", 1600)) + "1" + new string('}', 150),
        string.Concat(Enumerable.Repeat(@"\frac", 900)), string.Concat(Enumerable.Repeat(@"\sqrt", 900)) + "2", string.Concat(Enumerable.Repeat("|x", 2000)),
        string.Concat(Enumerable.Repeat("(x,", 1500)) + "1" + new string(')', 100), string.Concat(Enumerable.Repeat("[1,(", 1000)),
        string.Concat(Enumerable.Repeat(@"\sin", 1000)) + "x", string.Concat(Enumerable.Repeat("x_", 2000)), string.Concat(Enumerable.Repeat("{x,", 1500)),
        new string('9', 4900), "9^{9^{9^{9^{9}}}}", "(99999999!)!", "99999999!", "5" + new string('!', 4000), "1E999999999", "2^{-99999999999999}",
        @"\binom{99999999999}{5000000}", @"\sum_{k=1}^{99999999999} k", @"\sqrt[99999999]{2}", @"\sqrt[0]{2}", "0^{-1}", @"x^{x^{x^{x^{x}}}}", @"\frac{1}{1-1}",
        string.Join("+", Enumerable.Repeat("x", 1900)), string.Join(",", Enumerable.Range(0, 1000)), string.Concat(Enumerable.Repeat(@"\binom{4}{", 200)),
        string.Concat(Enumerable.Repeat("(", 60)) + "x" + string.Concat(Enumerable.Repeat("+1)^2", 60)),
        @"\sum_{a=1}^{2000} \sum_{b=1}^{2000} \sum_{c=1}^{2000} abc", string.Join(",", Enumerable.Range(0, 400).Select(i => $"x+{i}y^2")),
    ];

    [Theory, MemberData(nameof(Hostile))]
    public void Hostile_texts_end(string text)
    {
        var watch = Stopwatch.StartNew();
        foreach (var dialect in new[] { MathDialect.OfficialGold, MathDialect.OfficialOutput, MathDialect.Fair }) CompareWithItself(text, dialect);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"{watch.Elapsed} for {text[..Math.Min(40, text.Length)]}");
    }

    [Fact]
    public void Random_pieces_end()
    {
        var random = new Random(7);
        var read = 0;
        for (var i = 0; i < 4000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            if (CompareWithItself(text, i % 2 == 0 ? MathDialect.OfficialGold : MathDialect.Fair)) read++;
        }
        Assert.InRange(read, 50, 3999);
    }

    [Fact]
    public void Too_much_work_is_not_equal()
    {
        Assert.True(LatexParser.TryParse("(x+1)(x+2)", MathDialect.Fair, out var gold));
        Assert.True(LatexParser.TryParse("x^2+3x+2", MathDialect.Fair, out var answer));
        Assert.True(MathComparison.AreEqual(gold, answer, ComparisonOptions.Official, TestContext.Current.CancellationToken));
        Assert.False(MathComparison.AreEqual(gold, answer, ComparisonOptions.Official with { WorkLimit = 5 }, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void A_cancelled_comparison_says_so()
    {
        Assert.True(LatexParser.TryParse(@"\sum_{k=1}^{1999} k x", MathDialect.Fair, out var gold));
        Assert.True(LatexParser.TryParse("1999000 x + 1", MathDialect.Fair, out var answer));
        Assert.Throws<OperationCanceledException>(() => MathComparison.AreEqual(gold, answer, ComparisonOptions.Fair, new CancellationToken(canceled: true)));
    }

    /// <summary>Whether it reads; what reads is compared with itself and with something near it, and written out.</summary>
    private static bool CompareWithItself(string text, MathDialect dialect)
    {
        _ = PlainParser.TryParse(text, out _);
        if (!LatexParser.TryParse(text, dialect, out var value)) return false;
        Assert.NotNull(value.ToSympyText());
        foreach (var options in new[] { ComparisonOptions.Official, ComparisonOptions.Fair })
        {
            _ = MathComparison.AreEqual(value, value, options, TestContext.Current.CancellationToken);
            _ = MathComparison.AreEqual(value, Sum.Of(value, new IntegerNumber(1)), options, TestContext.Current.CancellationToken);
            _ = MathComparison.AreEqual(new IntegerNumber(5), value, options, TestContext.Current.CancellationToken);
        }
        return true;
    }
}
