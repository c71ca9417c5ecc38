using System.Numerics;

namespace TaH.Tests;

/// <summary>The estimate is the share of the k-subsets of the samples that hold a right one.</summary>
public class PassAtKTests
{
    [Fact]
    public void Equals_the_share_of_subsets_counted_one_by_one()
    {
        for (var n = 1; n <= 9; n++)
        for (var right = 0; right <= n; right++)
        for (var k = 1; k <= n; k++)
        {
            var subsets = Enumerable.Range(0, 1 << n).Where(set => BitOperations.PopCount((uint)set) == k).ToList();
            var hits = subsets.Count(set => (set & ((1 << right) - 1)) != 0);
            Assert.Equal(hits / (double)subsets.Count, PassAtK.Of(n, right, k), 1e-15);
        }
    }

    /// <summary>C(9990, 1000) / C(10000, 1000) as a product of ratios; factorials would overflow, sums of logarithms would round.</summary>
    [Fact]
    public void Is_exact_for_numbers_that_floating_point_cannot_hold()
    {
        var missed = 1.0;
        for (var i = 0; i < 10; i++) missed *= (10_000.0 - 1_000 - i) / (10_000 - i);
        Assert.Equal(1 - missed, PassAtK.Of(10_000, 10, 1_000), 1e-14);
        Assert.Equal(1e-4, PassAtK.Of(10_000, 1, 1), 1e-19);
    }

    [Theory]
    [InlineData(4, 5, 1)]
    [InlineData(4, -1, 1)]
    [InlineData(4, 2, 0)]
    [InlineData(4, 2, 5)]
    public void Refuses_what_cannot_be(int samples, int right, int k) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PassAtK.Of(samples, right, k));

    [Fact]
    public void Columns_are_powers_of_two_and_all_samples()
    {
        Assert.Equal([1], PassAtK.Columns(1));
        Assert.Equal([1, 2, 4], PassAtK.Columns(4));
        Assert.Equal([1, 2, 4, 6], PassAtK.Columns(6));
    }
}
