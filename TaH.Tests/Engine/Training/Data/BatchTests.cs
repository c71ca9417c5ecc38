namespace TaH.Tests;

public class BatchTests
{
    [Fact]
    public void The_generator_gives_the_same_numbers_everywhere()
    {
        // Of a plain xoshiro256** (which gives the published 11520, 0, 1509978240 from the state 1, 2, 3, 4), seeded as its class says.
        ulong[] first = [1865750160070900731UL, 6791145067590612263UL];
        var random = new Xoshiro256(42);
        Assert.Equal(first, Numbers(random, 2));
        Assert.NotEqual(first, Numbers(new Xoshiro256(42, stream: 1), 2));
        Assert.NotEqual(first, Numbers(new Xoshiro256(43), 2));
        var counts = new int[6];
        for (var i = 0; i < 60_000; i++) counts[random.Below(6)]++;
        // 10,000 each with a deviation of 91.
        Assert.All(counts, count => Assert.InRange(count, 9_500, 10_500));
    }

    [Fact]
    public void Every_epoch_has_each_row_once_in_another_order()
    {
        var order = new TrainingOrder(100, seed: 7);
        int[] first = [.. order.Take(60), .. order.Take(60)], second = order.Take(1000);
        Assert.Equal(new OrderPosition(2, 0), order.Position);
        Assert.Equal(Enumerable.Range(0, 100), first.Order());
        Assert.Equal(Enumerable.Range(0, 100), second.Order());
        Assert.NotEqual(first, second);
        Assert.Equal([0, 1, 2], new TrainingOrder(3, seed: 7, shuffles: false).Take(9));
    }

    [Fact]
    public void A_saved_position_goes_on_exactly()
    {
        var (whole, broken) = (new TrainingOrder(50, seed: 3), new TrainingOrder(50, seed: 3));
        for (var i = 0; i < 9; i++) whole.Take(8);
        broken.Position = whole.Position;
        Assert.Equal(new OrderPosition(1, 16), broken.Position);
        for (var i = 0; i < 20; i++) Assert.Equal(whole.Take(8), broken.Take(8));
        Assert.Throws<UsageException>(() => broken.Position = new OrderPosition(0, 51));
        Assert.Throws<UsageException>(() => new TrainingOrder(0, seed: 3));
    }

    [Fact]
    public void A_step_is_parted_into_packed_batches()
    {
        var sequences = Sequences(3, 4, 2, 5);
        var batches = new BatchBuilder(sequences, new BatchPlan(RowsPerStep: 4, MaxTokens: 7)).InFileOrder().ToList();
        Assert.Equal([7, 7], batches.Select(batch => batch.Tokens.Length));
        Assert.Equal([0, 0, 0, 1, 1, 1, 1], batches[0].Tokens);
        Assert.Equal([0, 1, 2, 0, 1, 2, 3], batches[0].Positions);
        Assert.Equal([0, 0, -1, 1, 1, 1, -1], batches[0].Labels);
        Assert.Equal([1, 1, 1, 2, 2, 2, 2], batches[0].IterationCounts);
        Assert.Equal([0, 3], batches[0].SequenceStarts);
        Assert.Equal((3, 7), (batches[0].EndOf(0), batches[0].EndOf(1)));
    }

    [Fact]
    public void Ranks_share_the_rows_of_each_step()
    {
        var sequences = Sequences(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
        var all = Run(rank: 0, worldSize: 1);
        int[][][] ranks = [Run(0, 2), Run(1, 2)];
        Assert.Equal(3, all.Length);
        for (var step = 0; step < 3; step++) Assert.Equal(all[step].Order(), ranks.SelectMany(rank => rank[step]).Order());
        Assert.Equal([4, 4, 3], all.Select(rows => rows.Length));

        int[][] Run(int rank, int worldSize)
        {
            var order = new TrainingOrder(11, seed: 1);
            var builder = new BatchBuilder(sequences, new BatchPlan(4, 20, Rank: rank, WorldSize: worldSize));
            Assert.Equal(3, builder.StepsOf(order, 0));
            return [.. Enumerable.Range(0, 3).Select(_ => builder.Next(order).SelectMany(batch => batch.Tokens.Distinct()).ToArray())];
        }
    }

    [Fact]
    public void A_step_may_be_counted_in_tokens()
    {
        var sequences = Sequences(3, 4, 2, 5, 9, 1);
        var order = new TrainingOrder(6, seed: 1, shuffles: false);
        var builder = new BatchBuilder(sequences, new BatchPlan(RowsPerStep: 100, MaxTokens: 9, TokensPerStep: 9));
        Assert.Equal(4, builder.StepsOf(order, 0));
        Assert.Equal([9, 5, 9, 1], Enumerable.Range(0, 4).Select(_ => builder.Next(order).Sum(batch => batch.Tokens.Length)));
        Assert.Equal(new OrderPosition(1, 0), order.Position);
    }

    [Fact]
    public void A_plan_that_cannot_be_is_refused()
    {
        var sequences = Sequences(3, 8);
        Assert.Contains("a row has 8 tokens", Assert.Throws<UsageException>(() => new BatchBuilder(sequences, new BatchPlan(1, 7))).Message);
        Assert.Throws<UsageException>(() => new BatchBuilder(sequences, new BatchPlan(0, 8)));
        Assert.Throws<UsageException>(() => new BatchBuilder(sequences, new BatchPlan(1, 8, Rank: 2, WorldSize: 2)));
    }

    private static ulong[] Numbers(Xoshiro256 random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next())];

    /// <summary>Sequences of some lengths; the tokens of each are its number, and its passes 1 or 2 in turn.</summary>
    private static List<TrainingSequence> Sequences(params int[] lengths) => [.. lengths.Select((length, number) => new TrainingSequence(
        [.. Enumerable.Repeat(number, length)], [.. Enumerable.Repeat(true, length)], [.. Enumerable.Repeat((byte)(1 + (number % 2)), length)]))];
}
