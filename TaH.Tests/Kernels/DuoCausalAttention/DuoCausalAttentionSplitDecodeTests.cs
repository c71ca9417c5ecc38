namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DuoCausalAttentionSplitDecodeTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int Depths = 3;

    // A first token; lists past a group's batch and below a warp's; a deep row and the next position of its sequence; all depths at once.
    private static readonly SceneRow[] Rows =
    [
        new(Sequence: 1, Position: 0, Depth: 0, [1, 0, 0]),
        new(Sequence: 0, Position: 37, Depth: 0, [38, 0, 0]),
        new(Sequence: 2, Position: 300, Depth: 0, [301, 0, 0]),
        new(Sequence: 0, Position: 36, Depth: 1, [37, 9, 0]),
        new(Sequence: 4, Position: 5, Depth: 1, [6, 1, 0]),
        new(Sequence: 3, Position: 99, Depth: 2, [100, 41, 17]),
    ];

    // (heads, kvHeads, headDim): one to eight query heads a key head, three of which fill no power of two; every width.
    private static readonly (int Heads, int KvHeads, int HeadDim)[] Heads =
        [(2, 2, 32), (4, 2, 128), (4, 1, 64), (6, 2, 32), (8, 1, 128), (3, 3, 128)];

    public static TheoryData<WarpDevice, ElementType, int, int, int, int, int?> Cases()
    {
        var cases = new TheoryData<WarpDevice, ElementType, int, int, int, int, int?>();
        foreach (var (heads, kvHeads, headDim) in Heads)
        foreach (var (type, pageSize) in (ValueTuple<ElementType, int>[])[(ElementType.F32, 1), (ElementType.Bf16, 16), (ElementType.F16, 4)])
        foreach (var splits in (int?[])[null, 1, 3, 32])
            cases.Add(WarpDevice.Card, type, pageSize, heads, kvHeads, headDim, splits);
        // Simulated warps take seconds a case.
        cases.Add(WarpDevice.Simulated, ElementType.Bf16, 4, 2, 1, 32, 2);
        cases.Add(WarpDevice.Simulated, ElementType.F32, 1, 3, 1, 32, 1);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference_and_looks_nowhere_else(
        WarpDevice where, ElementType type, int pageSize, int heads, int kvHeads, int headDim, int? splits)
    {
        var device = warps.OpenOrSkip(where, devices);
        SceneRow[] rows = where == WarpDevice.Card ? Rows : [Rows[1], Rows[3]];
        using var scene = new SplitDecodeScene(device, Shape(heads, kvHeads, headDim, pageSize), type, rows);
        using var attention = new DuoCausalAttentionSplitDecode(device);
        for (var row = 0; row < rows.Length; row++) scene.CheckRowWithTheRestPoisoned(attention, row, splits);
    }

    [Theory, InlineData(WarpDevice.Card), InlineData(WarpDevice.Simulated)]
    public void Writes_bf16_where_it_is_told_to(WarpDevice where)
    {
        var device = warps.OpenOrSkip(where, devices);
        SceneRow[] rows = where == WarpDevice.Card ? Rows : [Rows[0]];
        using var scene = new SplitDecodeScene(device, Shape(heads: 2, kvHeads: 1, headDim: 32, pageSize: 4), ElementType.Bf16, rows);
        using var attention = new DuoCausalAttentionSplitDecode(device);
        scene.CheckNarrowResults(attention);
    }

    [Theory, InlineData(ElementType.F32), InlineData(ElementType.Bf16)]
    public void Holds_over_a_context_of_8_193_tokens(ElementType type)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        SceneRow[] rows = [new(0, 8_192, 0, [8_193, 0, 0]), new(0, 8_191, 1, [8_192, 700, 0])];
        using var scene = new SplitDecodeScene(device, Shape(heads: 16, kvHeads: 8, headDim: 128, pageSize: 16), type, rows);
        using var attention = new DuoCausalAttentionSplitDecode(device);
        for (var row = 0; row < rows.Length; row++) scene.CheckRowWithTheRestPoisoned(attention, row);
    }

    [Fact]
    public void Repeats_its_results_bit_by_bit_however_often_it_is_launched()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        using var scene = new SplitDecodeScene(device, Shape(heads: 16, kvHeads: 8, headDim: 128, pageSize: 16), ElementType.Bf16, Rows);
        using var attention = new DuoCausalAttentionSplitDecode(device);
        foreach (var splits in (int?[])[null, 7])
        {
            var first = scene.RunOnWhole(attention, splits);
            for (var again = 0; again < 20; again++) Assert.Equal(first, scene.RunOnWhole(attention, splits));
        }
    }

    [Theory, InlineData(1, 8_193, 33), InlineData(1, 100, 4), InlineData(1, 300, 8), InlineData(64, 300, 1)]
    public void Cuts_entries_up_by_rows_and_by_the_bucket_of_what_they_see(int count, int visible, int splits)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        Assert.SkipUnless(device.Accelerator.NumMultiprocessors == 132, "the numbers are those of 132 multiprocessors");
        using var rows = new RowTable(device, count, Depths);
        rows.Upload([.. Enumerable.Range(0, count).Select(i => new Row(i, 0, 0, 0, 0, i, false))],
            [.. Enumerable.Range(0, count).SelectMany(_ => new[] { visible, 0, 0 })]);
        using var attention = new DuoCausalAttentionSplitDecode(device);
        Assert.Equal(splits, attention.SplitsFor(rows, Shape(heads: 16, kvHeads: 8, headDim: 128, pageSize: 16) with { Rows = count }));
    }

    [Fact]
    public void Takes_only_what_it_was_written_for()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var rows = new RowTable(device, capacity: 2, Depths);
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, false)], [1, 0, 0]);
        var shape = Shape(heads: 4, kvHeads: 2, headDim: 64, pageSize: 16) with { Rows = 1 };
        Assert.True(DuoCausalAttentionSplitDecode.Takes(rows, shape));
        Assert.False(DuoCausalAttentionSplitDecode.Takes(rows, shape with { HeadDim = 48 }));
        Assert.False(DuoCausalAttentionSplitDecode.Takes(rows, shape with { PageSize = 12 }));
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, false), new Row(0, 1, 0, 0, 0, 1, false)], [1, 0, 0, 2, 0, 0]);
        Assert.False(DuoCausalAttentionSplitDecode.Takes(rows, shape with { Rows = 2 }));
    }

    private static DuoCausalAttentionShape Shape(int heads, int kvHeads, int headDim, int pageSize) =>
        new(Rows: 0, heads, kvHeads, headDim, pageSize, Depths, MaxPages: 0);
}
