namespace TaH.Tests;

/// <summary>The account of a pass, against numbers worked out by hand.</summary>
[Collection(DeviceCollection.Name)]
public class TokenCostTests(TestDevices devices)
{
    // The tiny synthetic shape: hidden 72, ffn 200, 3 layers, 4 heads of 16, 2 KV heads, vocab 600, rank 4, bf16, KV entries f32.
    private const long LayerElements = (64 * 72) + (2 * 32 * 72) + (72 * 64) + (3 * 200 * 72);
    private const long NormElements = (3 * ((2 * 72) + (2 * 16))) + 72;
    private const long LoraElements = 3 * 4 * ((72 + 64) + (2 * (72 + 32)) + (64 + 72) + (2 * (72 + 200)) + (200 + 72));
    private const long EntryBytes = 3 * 2 * 32 * 4;
    private const int SoftTopK = 100;

    // [hidden states ; projected logits] -> 24 -> 24, two blocks of 24 - 96 - 24, 24 -> 1.
    private const long DeciderWeights = (100 * 72) + (((3 * 72) + 72) * 24) + (24 * 24) + (2 * 2 * 24 * 96) + 24;
    private const long DeciderVectors = 72 + 24 + 24 + (2 * ((2 * 24) + 96 + 24)) + (2 * 24) + 1;

    private static long LayerBytes => (2 * 3 * LayerElements) + (4 * NormElements);

    [Fact]
    public void A_decoded_token()
    {
        // Position 9 sees 10 entries; the decider looks at it.
        var cost = Account(new PassRows(Shallow: 1, Deep: 0, Heads: 1, Decided: 1, Attended: 10, Entries: 10));
        Assert.Equal(LayerBytes + (2 * 600 * 72) + (4 * (DeciderWeights + DeciderVectors)) + (2 * 72) + (11 * EntryBytes), cost.Bytes);
        Assert.Equal((2 * 3 * LayerElements) + (2 * 600 * 72) + (2 * DeciderWeights) + (4 * 3 * 64 * 10), cost.Flops);
    }

    [Fact]
    public void Its_second_pass()
    {
        var cost = Account(new PassRows(Shallow: 0, Deep: 1, Heads: 1, Decided: 0, Attended: 11, Entries: 11));
        Assert.Equal(LayerBytes + (2 * LoraElements) + (2 * 600 * 72) + (2 * 72 * SoftTopK) + (12 * EntryBytes), cost.Bytes);
        Assert.Equal((2 * 3 * LayerElements) + (2 * LoraElements) + (2 * 600 * 72) + (4 * 3 * 64 * 11) + (2 * SoftTopK * 72), cost.Flops);
    }

    [Fact]
    public void A_prompt_whose_last_logits_are_wanted()
    {
        var cost = Account(new PassRows(Shallow: 8, Deep: 0, Heads: 1, Decided: 0, Attended: 36, Entries: 8));
        Assert.Equal(LayerBytes + (2 * 600 * 72) + (8 * 2 * 72) + (16 * EntryBytes), cost.Bytes);
        Assert.Equal((8 * 2 * 3 * LayerElements) + (2 * 600 * 72) + (4 * 3 * 64 * 36), cost.Flops);
        Assert.Equal(default, Account(default));
    }

    /// <summary>The published shape's weights, as they are usually quoted: 0.6B reads 1.192 GB a token.</summary>
    [Fact]
    public void Qwen3_of_600_million_parameters()
    {
        var config = SyntheticRecipe.Published[0].Config;
        var elements = Qwen3Tensors.Of(config).Where(tensor => tensor.Shape.Length == 2).Sum(tensor => tensor.Shape[0] * tensor.Shape[1]);
        Assert.Equal(1.192, 2 * elements / 1e9, tolerance: 0.0005);
    }

    [Fact]
    public void Rows_are_counted_from_the_table()
    {
        Row[] rows =
        [
            new(Sequence: 0, Position: 6, Depth: 0, Token: 1, Slot: -1, Cell: 0, WantsLogits: false),
            new(0, 7, 0, 1, 0, 0, true),
            new(1, 3, 0, 1, 1, 0, true),
            new(0, 5, 1, 1, 2, 0, true),
        ];
        int[] visible = [7, 0, 8, 0, 4, 0, 6, 2];
        // Sequence 0 is seen 8 entries far at depth 0 and 2 at depth 1, sequence 1 has 4.
        Assert.Equal(new PassRows(3, 1, 3, 2, 7 + 8 + 4 + 6 + 2, 8 + 4 + 2), PassRows.Of(rows, visible, depths: 2, decided: 2));
    }

    private Cost Account(PassRows rows)
    {
        using var model = SyntheticModel.Create(SyntheticRecipe.Tiny, devices.OpenOrSkip(DeviceKind.Cpu));
        var shape = model.Weights.Shape;
        var kv = new KvShape(shape.Layers, shape.KvHeads, shape.HeadDim, PageSize: 16, shape.Depths, ElementType.F32);
        return new TokenCost(model.Weights, model.SoftTopK, kv).Of(rows);
    }
}
