namespace TaH.Tests;

public class RunComparisonTests
{
    [Fact]
    public void Problems_are_paired_and_counted()
    {
        EvaluationSample[] first = [.. Run("a", "b", "c"), .. Wrong("d", "e", "f", "only-here")];
        EvaluationSample[] second = [.. Run("a", "d", "e", "f"), .. Wrong("b", "c")];
        var comparison = RunComparison.Of(first, second);
        Assert.Equal((6, 1), (comparison.Problems, comparison.Unpaired));
        var fair = comparison.Fair;
        Assert.Equal((0.5, 4 / 6.0, 1, 0), (fair.First, fair.Second, fair.Both, fair.Neither));
        Assert.Equal(["b", "c"], fair.OnlyFirst.Select(problem => problem.Id));
        Assert.Equal(["d", "e", "f"], fair.OnlySecond.Select(problem => problem.Id));
        Assert.Equal(1, fair.McNemar);
        Assert.Equal(6, comparison.Official.Neither);
        Assert.Equal((0.0, 0.0), (comparison.Official.Low, comparison.Official.High));
        Assert.True(fair.Low < fair.Difference && fair.Difference < fair.High && fair.Low >= -1 && fair.High <= 1);
    }

    /// <summary>400 problems, of which B alone solves 100 and A alone 40: the normal interval is 15 % more or less 5.6 %.</summary>
    [Fact]
    public void The_interval_is_near_that_of_theory_where_there_are_many_problems()
    {
        string[] ids = [.. Enumerable.Range(0, 400).Select(number => $"{number}")];
        var (a, b) = ((EvaluationSample[])[.. Run(ids[..140]), .. Wrong(ids[140..])], (EvaluationSample[])[.. Run(ids[40..240]), .. Wrong([.. ids[..40], .. ids[240..]])]);
        var fair = RunComparison.Of(a, b).Fair;
        var deviation = Math.Sqrt((0.35 - (0.15 * 0.15)) / 400);
        Assert.Equal(0.15, fair.Difference, 1e-12);
        Assert.Equal(0.15 - (1.96 * deviation), fair.Low, 0.004);
        Assert.Equal(0.15 + (1.96 * deviation), fair.High, 0.004);
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 1)]
    [InlineData(0, 5, 0.0625)]
    [InlineData(2, 8, 0.109375)]
    [InlineData(8, 2, 0.109375)]
    [InlineData(5, 5, 1)]
    public void McNemar_is_the_exact_binomial(int first, int second, double p) => Assert.Equal(p, VerdictComparison.ExactMcNemar(first, second), 1e-15);

    [Fact]
    public void What_cannot_be_compared_is_bad_usage()
    {
        Assert.Contains("no problem in common", Assert.Throws<UsageException>(() => RunComparison.Of(Run("a"), Run("b"))).Message);
        var other = Run("a").Select(sample => sample with { Gold = "h" });
        Assert.Equal("a has the reference answer \"g\" in one run and \"h\" in the other", Assert.Throws<UsageException>(() => RunComparison.Of(Run("a"), other)).Message);
    }

    private static IEnumerable<EvaluationSample> Run(params string[] ids) => ids.SelectMany(id => Samples.Of("t", id, true));

    private static IEnumerable<EvaluationSample> Wrong(params string[] ids) => ids.SelectMany(id => Samples.Of("t", id, false));
}
