using System.Diagnostics;

namespace TaH.Tests;

/// <summary>No answer crashes or hangs a grader, whatever a model wrote.</summary>
public class HostileAnswerTests
{
    // Both graders, three steps each with a limit of their own, on a loaded machine.
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    public static TheoryData<string, string> Outputs() => new()
    {
        { "braces", @"\boxed{" + new string('{', 20_000) + new string('}', 20_000) + "}" },
        { "parentheses", @"\boxed{" + new string('(', 5_000) + "1" + new string(')', 5_000) + "}" },
        { "fractions", @"\boxed{" + Repeat(@"\frac{1}{", 2_000) + "1" + Repeat("}", 2_000) + "}" },
        { "roots", @"\boxed{" + Repeat(@"\sqrt{", 4_000) + "2" + Repeat("}", 4_000) + "}" },
        { "dollars", "answer " + new string('$', 20_000) },
        { "odd dollars", "answer: " + Repeat("$x", 9_999) },
        { "boxes", Repeat(@"\boxed{1} and ", 3_000) },
        { "open boxes", Repeat(@"\boxed{", 5_000) },
        { "boxes in dollars", Repeat(@"$\boxed{1}$ and ", 2_000) },
        { "brackets", Repeat(@"\[ ", 10_000) },
        { "answers", Repeat("answer ", 20_000) },
        { "final answers", Repeat("final answer ", 10_000) + "is" },
        { "digits", "answer: " + new string('9', 100_000) },
        { "groups", "answer: " + Repeat("111,", 20_000) + "x" },
        { "operators", "= 1" + Repeat("-(", 20_000) },
        { "tower", @"\boxed{9^{9^{9^{9^{9}}}}}" },
        { "factorials", @"\boxed{100000!!!!}" },
        { "big power", @"\boxed{2^{1000000000}}" },
        { "sum", @"\boxed{\sum_{n=1}^{1000000000} \frac{1}{n^2}}" },
        { "products", @"\boxed{" + Repeat("(x+1)", 800) + "}" },
        { "expansion", @"\boxed{(a+b+c+d+e+f)^{60}}" },
        { "small exponent", "answer: 1e-999999999" },
        { "letters", "answer: " + Repeat("**", 20_000) + "B" },
        { "spaces", "answer" + new string(' ', 100_000) },
        { "halves of pairs", "\\boxed{\ud800\udfff\udc00}" },
        { "nulls", "\\boxed{\0}\0" },
        { "thinking", Repeat("<think>", 10_000) + Repeat("</think>", 10_000) },
        { "tuple", @"\boxed{(" + Repeat("1,", 5_000) + "1)}" },
        { "matrix", @"\boxed{\begin{pmatrix}" + Repeat(@"1 & 2 \\ ", 2_000) + @"\end{pmatrix}}" },
        { "vmatrix", @"\boxed{\begin{vmatrix}" + Repeat(Repeat("x & ", 29) + @"y \\ ", 30) + @"\end{vmatrix}}" },
        { "empty", "" },
    };

    [Theory, MemberData(nameof(Outputs))]
    public void Gives_a_verdict_in_time(string name, string answer)
    {
        foreach (var (mode, gold) in new[] { (GradeMode.Expression, "12"), (GradeMode.Latex, @"x^2 + \frac12"), (GradeMode.Letter, "E") })
        {
            var clock = Stopwatch.StartNew();
            var (official, fair) = AnswerGraders.Grade(mode, gold, answer);
            Assert.False(official.Correct || fair.Correct, $"{name} is no right answer");
            Assert.True(clock.Elapsed < Limit, $"{name} took {clock.Elapsed}");
        }
    }

    /// <summary>A gold comes from a file, too.</summary>
    [Theory, MemberData(nameof(Outputs))]
    public void Survives_it_as_a_gold(string name, string gold)
    {
        var clock = Stopwatch.StartNew();
        AnswerGraders.Grade(GradeMode.Latex, gold, @"\boxed{12}");
        Assert.True(clock.Elapsed < Limit, $"{name} took {clock.Elapsed}");
    }

    private static string Repeat(string piece, int times) => string.Concat(Enumerable.Repeat(piece, times));
}
