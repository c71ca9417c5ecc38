namespace TaH.Tests;

public class ContinueRatePolicyTests
{
    public static TheoryData<double, double> Rates() =>
        [.. from rate in (double[])[0, 0.001, 0.07, 0.29, 1 / 3.0, 0.5, 0.93, 1] from phase in (double[])[0, 0.5, 0.99] select (rate, phase)];

    /// <summary>In any stretch of positions the count is the stretch's share, to within one.</summary>
    [Theory, MemberData(nameof(Rates))]
    public void Every_stretch_has_its_share(double rate, double phase)
    {
        const int Positions = 600;
        var policy = new ContinueRatePolicy(rate, phase);
        var before = new int[Positions + 1];
        for (var i = 0; i < Positions; i++) before[i + 1] = before[i] + (policy.GoesOn(i, 0, float.NaN) ? 1 : 0);
        for (var from = 0; from < Positions; from += 7)
        for (var to = from; to <= Positions; to++)
            // The rounding of the products may put a count that is exactly one off on either side.
            Assert.True(Math.Abs(before[to] - before[from] - ((to - from) * rate)) <= 1 + 1e-9, $"{from} to {to}: {before[to] - before[from]}");
    }

    [Fact]
    public void Nobody_goes_on_at_0_and_everybody_at_1()
    {
        for (var position = 0; position < 5000; position++)
        {
            Assert.False(new ContinueRatePolicy(0, 0.9).GoesOn(position, 0, float.PositiveInfinity));
            Assert.True(new ContinueRatePolicy(1, 0.1).GoesOn(position, 0, float.NegativeInfinity));
        }
    }

    [Fact]
    public void Seven_of_a_hundred_are_where_they_should_be()
    {
        var policy = new ContinueRatePolicy(0.07);
        var hard = Enumerable.Range(0, 100).Where(position => policy.GoesOn(position, 0, 0));
        Assert.Equal([7, 21, 35, 49, 64, 78, 92], hard); // the positions p with a half-integer multiple of 1 / 0.07 in (p, p + 1]
    }

    [Fact]
    public void Sequences_of_a_batch_take_turns()
    {
        var policies = Enumerable.Range(0, 10).Select(sequence => new ContinueRatePolicy(0.1, (sequence + 0.5) / 10)).ToList();
        for (var position = 0; position < 200; position++) Assert.Equal(1, policies.Count(policy => policy.GoesOn(position, 0, 0)));
    }

    [Fact]
    public void The_decider_is_asked_once()
    {
        var policy = new ContinueRatePolicy(0);
        Assert.True(policy.NeedsDecider);
        Assert.True(policy.MayGoOn(3, 0));
        Assert.False(policy.MayGoOn(3, 1));
        Assert.False(new ContinueRatePolicy(1).GoesOn(3, 1, 0));
    }

    [Theory, InlineData(-0.1), InlineData(1.1), InlineData(double.NaN)]
    public void A_share_beyond_the_whole_is_refused(double rate) => Assert.Throws<UsageException>(() => new ContinueRatePolicy(rate));
}
