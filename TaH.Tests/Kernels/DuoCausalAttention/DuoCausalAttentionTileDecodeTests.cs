namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DuoCausalAttentionTileDecodeTests(TestDevices devices)
{
    private const int Depths = 3;

    // A first token; lists below and past a tile; a deep row and the next position of its sequence; all depths at once.
    private static readonly SceneRow[] Rows =
    [
        new(Sequence: 1, Position: 0, Depth: 0, [1, 0, 0]),
        new(Sequence: 4, Position: 16, Depth: 0, [17, 0, 0]),
        new(Sequence: 0, Position: 37, Depth: 0, [38, 0, 0]),
        new(Sequence: 2, Position: 300, Depth: 0, [301, 0, 0]),
        new(Sequence: 0, Position: 36, Depth: 1, [37, 9, 0]),
        new(Sequence: 3, Position: 99, Depth: 2, [100, 41, 17]),
    ];

    // One, two, three and four query heads a group, and six a key head, which are a group of four and one of two.
    [Theory, InlineData(4, 2, 16), InlineData(3, 3, 1), InlineData(3, 1, 1), InlineData(8, 2, 1), InlineData(6, 1, 1)]
    public void Equals_the_double_reference_and_looks_nowhere_else(int heads, int kvHeads, int pageSize)
    {
        using var scene = new SplitDecodeScene(OpenOrSkip(), Shape(heads, kvHeads, pageSize), ElementType.Bf16, Rows);
        for (var row = 0; row < Rows.Length; row++) scene.CheckRowWithTheRestPoisoned(ByTiles(), row);
    }

    [Fact]
    public void Holds_over_a_context_of_8_193_tokens()
    {
        SceneRow[] rows = [new(0, 8_192, 0, [8_193, 0, 0]), new(0, 8_191, 1, [8_192, 700, 0])];
        using var scene = new SplitDecodeScene(OpenOrSkip(), Shape(heads: 4, kvHeads: 2, pageSize: 16), ElementType.Bf16, rows);
        for (var row = 0; row < rows.Length; row++) scene.CheckRowWithTheRestPoisoned(ByTiles(), row);
    }

    [Fact]
    public void Repeats_its_results_bit_by_bit_however_often_it_is_launched()
    {
        using var scene = new SplitDecodeScene(OpenOrSkip(), Shape(heads: 4, kvHeads: 2, pageSize: 16), ElementType.Bf16, Rows);
        var first = scene.RunOnWhole(ByTiles());
        for (var again = 0; again < 20; again++) Assert.Equal(first, scene.RunOnWhole(ByTiles()));
    }

    /// <summary>Between products that start early, too, it reads what the one in front wrote, and the one behind what it wrote.</summary>
    [Theory, InlineData(1, 30), InlineData(1, 200), InlineData(2, 200), InlineData(2, 1030), InlineData(8, 300)]
    public void A_recorded_chain_of_layers_equals_one_that_is_launched(int rows, int entries)
    {
        const int Layers = 6;
        var device = OpenOrSkip();
        using var chain = new DecodeChain(device, Layers);
        using var context = new DecodeContext(device, rows, entries, Layers);
        float[] Run(Action pass)
        {
            chain.Rewind();
            pass();
            device.Synchronize();
            return chain.Read(rows);
        }
        var attention = ByTiles();
        var launched = Run(() => chain.Run(context, attention));
        Assert.All(launched, value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(launched, Run(() => chain.Run(context, null)));
        using var graph = CudaGraph.Record(device, () => chain.Run(context, attention));
        for (var again = 0; again < 20; again++) Assert.Equal(launched, Run(graph.Launch));
    }

    // Rows of 8 key heads: one, and the fewest that leave no multiprocessor idle.
    [Theory, InlineData(1, false), InlineData(16, false), InlineData(17, true), InlineData(128, true)]
    public void Takes_rows_that_keep_the_card_busy(int rows, bool takes) =>
        Assert.Equal(takes, TileDecodePlan.KeepsBusy(8 * rows, multiprocessors: 132));

    [Fact]
    public void Takes_only_what_it_was_written_for()
    {
        using var rows = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 1, Depths);
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, false)], [1, 0, 0]);
        var shape = Shape(heads: 4, kvHeads: 2, pageSize: 16) with { Rows = 1 };
        var cache = new KvShape(1, 2, 128, 16, Depths, ElementType.Bf16);
        Assert.True(DuoCausalAttentionTileDecode.Takes(rows, cache, shape));
        Assert.False(DuoCausalAttentionTileDecode.Takes(rows, cache, shape with { HeadDim = 64 }));
        Assert.False(DuoCausalAttentionTileDecode.Takes(rows, cache, shape with { PageSize = 12 }));
        Assert.False(DuoCausalAttentionTileDecode.Takes(rows, cache with { Type = ElementType.F32 }, shape));
    }

    [Fact]
    public void Results_of_sixteen_bits_are_the_wide_ones_rounded()
    {
        using var scene = new SplitDecodeScene(OpenOrSkip(), Shape(heads: 4, kvHeads: 2, pageSize: 16), ElementType.Bf16, Rows);
        scene.RunOnWhole(ByTiles());
        scene.CheckNarrowResults(ByTiles(), ByTiles(narrow: true));
    }

    private DecodeAttention ByTiles(bool narrow = false)
    {
        var attention = new DuoCausalAttentionTileDecode(OpenOrSkip());
        return (qkv, queryNorm, keyNorm, rope, rows, cache, tables, mixed, shape, epsilon) =>
            attention.Run(qkv, queryNorm, keyNorm, rope, rows, cache, tables, mixed, shape, epsilon, narrow);
    }

    private static DuoCausalAttentionShape Shape(int heads, int kvHeads, int pageSize) =>
        new(Rows: 0, heads, kvHeads, HeadDim: 128, pageSize, Depths, MaxPages: 0);

    private ComputeDevice OpenOrSkip()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        Assert.SkipUnless(DuoCausalAttentionTileDecode.Serves(device), "this card is no Hopper card");
        return device;
    }
}
