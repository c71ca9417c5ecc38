namespace TaH.Tests;

public class SeededUniformTests
{
    [Fact]
    public void The_same_seed_and_step_give_the_same_number()
    {
        Assert.Equal(new SeededUniform(42).At(7), new SeededUniform(42).At(7));
        Assert.NotEqual(new SeededUniform(42).At(7), new SeededUniform(42).At(8));
        Assert.NotEqual(new SeededUniform(42).At(7), new SeededUniform(43).At(7));
    }

    // The values themselves are part of the contract: a stored seed must mean the same answer in later versions.
    [Fact]
    public void The_first_numbers_of_seed_zero_stay_what_they_are() =>
        Assert.Equal([0.8833108f, 0.43152797f, 0.026433766f], Enumerable.Range(0, 3).Select(new SeededUniform(0).At));

    [Fact]
    public void Numbers_fill_the_unit_interval_evenly()
    {
        var counts = new int[10];
        const int Draws = 100_000;
        for (var step = 0; step < Draws; step++)
        {
            var value = new SeededUniform(1).At(step);
            Assert.InRange(value, 0f, MathF.BitDecrement(1f));
            counts[(int)(value * 10)]++;
        }
        // Five standard deviations of a binomial count of mean 10,000.
        Assert.All(counts, count => Assert.InRange(count, 10_000 - 475, 10_000 + 475));
    }
}
