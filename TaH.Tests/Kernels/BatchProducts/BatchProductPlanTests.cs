namespace TaH.Tests;

/// <summary>How products of a batch are spread over a card, which needs none.</summary>
public class BatchProductPlanTests
{
    [Fact]
    public void Spreads_over_the_card()
    {
        static BatchProductPlan Plan(int inner, int rowsOfBlock, int tokens, params int[] outers) =>
            BatchProductPlan.Of(outers, (inner + 63) / 64, updates: 0, rowsOfBlock, tokens, multiprocessors: 132);

        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 2, WeightSlots: 6, TokenSlots: 5), Plan(1024, 64, 64, 2048, 1024, 1024));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 8, WeightSlots: 4, TokenSlots: 4), Plan(2048, 64, 64, 1024));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 1, WeightSlots: 8, TokenSlots: 6), Plan(1024, 32, 64, 3072));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 8, WeightSlots: 6, TokenSlots: 5), Plan(3072, 64, 64, 1024));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 2, WeightSlots: 8, TokenSlots: 6), Plan(1024, 64, 128, 2048, 1024, 1024));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 8, WeightSlots: 4, TokenSlots: 4), Plan(2048, 64, 128, 1024));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 1, WeightSlots: 8, TokenSlots: 6), Plan(1024, 32, 128, 3072));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 8, WeightSlots: 5, TokenSlots: 4), Plan(3072, 64, 128, 1024));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 1, WeightSlots: 3, TokenSlots: 3), Plan(1024, 64, 128, 151_936));
        Assert.Equal(new BatchProductPlan(Blocks: 1, Splits: 1, WeightSlots: 1, TokenSlots: 1), Plan(8, 64, 16, 8));
    }

    // From one slice, where only updates make more of it, to more slices than slots.
    [Theory, InlineData(1, 0), InlineData(1, 1), InlineData(1, 2), InlineData(2, 1), InlineData(3, 2), InlineData(8, 1), InlineData(48, 2)]
    public void Has_slots_for_the_slices(int slices, int updates)
    {
        foreach (var tokens in (int[])[16, 32, 64, BatchProduct.MaxTokens])
        foreach (var outer in (int[])[8, 1024, 20_000])
        {
            var plan = BatchProductPlan.Of([outer], slices, updates, rowsOfBlock: 64, tokens, multiprocessors: 132);
            Assert.True(plan.HasSlotsFor(slices, updates), $"{plan}");
            Assert.InRange(plan.MemoryBytes(tokens), 0, BatchProducts.MostSharedBytes);
        }
    }

    // A group gives a slot back only when the next slice's product has started.
    [Theory]
    [InlineData(1, 1, 1, 1, 0, true), InlineData(1, 1, 1, 1, 1, false), InlineData(1, 1, 1, 2, 0, false), InlineData(2, 1, 1, 2, 0, true)]
    [InlineData(2, 1, 1, 2, 1, false), InlineData(1, 2, 1, 2, 0, false), InlineData(1, 1, 2, 2, 0, false), InlineData(1, 2, 2, 48, 2, true)]
    public void Knows_how_many_slots_slices_need(int splits, int weightSlots, int tokenSlots, int slices, int updates, bool enough) =>
        Assert.Equal(enough, new BatchProductPlan(Blocks: 1, splits, weightSlots, tokenSlots).HasSlotsFor(slices, updates));
}
