namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DuoCausalAttentionFlashTests(TestDevices devices)
{
    private const int Depths = 3;

    // Two whole tiles of rows and the start of a third; a chunk behind older entries; a lone row; and behind them, of the first sequence, rows of
    // depth 1 that see each other, two of which go on.
    private static readonly SceneRow[] Rows =
    [
        .. Enumerable.Range(0, 131).Select(i => new SceneRow(0, i, 0, [i + 1, 0, 0])),
        .. Enumerable.Range(0, 70).Select(i => new SceneRow(1, 300 + i, 0, [301 + i, 0, 0])),
        new SceneRow(2, 0, 0, [1, 0, 0]),
        .. Enumerable.Range(0, 66).Select(i => new SceneRow(3, (3 * i) + 1, 1, [(3 * i) + 2, 130 + i, 0])),
        new SceneRow(3, 50, 2, [51, 140, 1]), new SceneRow(3, 51, 2, [52, 141, 2]),
    ];

    [Theory]
    [InlineData(4, 2, 16, ElementType.F32), InlineData(4, 2, 16, ElementType.Bf16)]
    [InlineData(8, 2, 8, ElementType.F32), InlineData(2, 1, 32, ElementType.F32)]
    [InlineData(4, 1, 64, ElementType.Bf16), InlineData(2, 1, 128, ElementType.F32)]
    public void Equals_the_double_reference_and_looks_nowhere_else(int heads, int kvHeads, int pageSize, ElementType reader)
    {
        var device = HopperOrSkip();
        using var scene = new SplitDecodeScene(device, Shape(heads, kvHeads, pageSize), ElementType.Bf16, Rows);
        using var attention = new DuoCausalAttentionFlash(device, Rows.Length, heads);
        scene.CheckAllRows(attention, reader);
    }

    [Fact]
    public void Holds_over_a_context_of_8_200_tokens()
    {
        var device = HopperOrSkip();
        SceneRow[] rows =
        [
            .. Enumerable.Range(8_130, 70).Select(i => new SceneRow(0, i, 0, [i + 1, 0, 0])),
            new SceneRow(0, 8_150, 1, [8_151, 900, 0]), new SceneRow(0, 8_151, 1, [8_152, 901, 0]),
        ];
        using var scene = new SplitDecodeScene(device, Shape(heads: 4, kvHeads: 2, pageSize: 16), ElementType.Bf16, rows);
        using var attention = new DuoCausalAttentionFlash(device, rows.Length, heads: 4);
        scene.CheckAllRows(attention, ElementType.F32);
    }

    [Fact]
    public void Repeats_its_results_bit_by_bit()
    {
        var device = HopperOrSkip();
        using var scene = new SplitDecodeScene(device, Shape(heads: 16, kvHeads: 8, pageSize: 16), ElementType.Bf16, Rows);
        using var attention = new DuoCausalAttentionFlash(device, Rows.Length, heads: 16);
        var first = scene.RunOnWhole(attention, ElementType.F32);
        for (var again = 0; again < 10; again++) Assert.Equal(first, scene.RunOnWhole(attention, ElementType.F32));
    }

    [Fact]
    public void Takes_only_what_it_was_written_for()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var rows = new RowTable(device, capacity: 2, Depths);
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, false), new Row(0, 1, 0, 0, 0, 1, false)], [1, 0, 0, 2, 0, 0]);
        var shape = Shape(heads: 4, kvHeads: 2, pageSize: 16) with { Rows = 2 };
        var cache = new KvShape(1, 2, 128, 16, Depths, ElementType.Bf16);
        Assert.True(DuoCausalAttentionFlash.Takes(rows, cache, shape));
        Assert.False(DuoCausalAttentionFlash.Takes(rows, cache with { Type = ElementType.F32 }, shape));
        Assert.False(DuoCausalAttentionFlash.Takes(rows, cache, shape with { HeadDim = 64 }));
        Assert.False(DuoCausalAttentionFlash.Takes(rows, cache, shape with { KvHeads = 4 }));
        Assert.False(DuoCausalAttentionFlash.Takes(rows, cache, shape with { PageSize = 24 }));
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, false)], [1, 0, 0]); // split decoding takes these
        Assert.False(DuoCausalAttentionFlash.Takes(rows, cache, shape with { Rows = 1 }));
    }

    private static DuoCausalAttentionShape Shape(int heads, int kvHeads, int pageSize) =>
        new(Rows: 0, heads, kvHeads, HeadDim: 128, pageSize, Depths, MaxPages: 0);

    private ComputeDevice HopperOrSkip()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        Assert.SkipUnless(DuoCausalAttentionFlash.Serves(device), $"{device.Info.Name} is no Hopper card");
        return device;
    }
}
