namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RowTableTests(TestDevices devices)
{
    private static readonly Row Shallow = new(Sequence: 0, Position: 0, Depth: 0, Token: 0, Slot: 0, Cell: 0, WantsLogits: true);

    [Fact]
    public void Knows_the_largest_numbers_of_a_pass()
    {
        using var table = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 4, depths: 2);
        // A row that uses no slot may have any; a deep row's token counts for nothing.
        Row[] rows = [Shallow with { Token = 8, Position = 3 }, Shallow with { Slot = 99, Cell = 7, WantsLogits = false },
            Shallow with { Depth = 1, Token = 50, Slot = 6, Sequence = 2, WantsLogits = false }];
        table.Upload(rows, [1, 0, 5, 0, 4, 2]);
        Assert.Equal((3, 2, 7, 8, 6, 5), (table.MaxPosition, table.MaxSequence, table.MaxCell, table.MaxToken, table.MaxSlot, table.MaxVisible));
        table.Upload([], []);
        Assert.Equal((-1, -1, -1, -1, -1, 0), (table.MaxPosition, table.MaxSequence, table.MaxCell, table.MaxToken, table.MaxSlot, table.MaxVisible));
    }

    [Fact]
    public void Knows_whether_rows_see_each_other()
    {
        using var table = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 300, depths: 2);
        var deep = Shallow with { Depth = 1 };
        bool Independent(Row[] rows, int[] visible)
        {
            table.Upload(rows, visible);
            return table.Independent;
        }

        Assert.True(Independent([Shallow], [1, 0]));
        Assert.False(Independent([Shallow], [0, 0])); // not even itself
        Assert.True(Independent([Shallow, Shallow with { Sequence = 1 }], [5, 0, 5, 0]));
        Assert.False(Independent([Shallow, Shallow], [5, 0, 6, 0]));
        Assert.True(Independent([Shallow, deep], [6, 0, 5, 3])); // the deep row is of an earlier position
        Assert.False(Independent([Shallow, deep], [6, 0, 6, 3])); // of the same one
        Assert.False(Independent([deep, deep], [5, 3, 6, 4]));
        foreach (var (count, expected) in (ValueTuple<int, bool>[])[(RowTable.MaxIndependent, true), (RowTable.MaxIndependent + 1, false)])
            Assert.Equal(expected, Independent(
                [.. Enumerable.Range(0, count).Select(i => Shallow with { Sequence = i })],
                [.. Enumerable.Range(0, count).SelectMany(_ => new[] { 1, 0 })]));
    }

    [Theory, InlineData(1, 256), InlineData(256, 256), InlineData(257, 512), InlineData(40_000, 65_536)]
    public void Rounds_what_is_visible_up(int visible, int bucket)
    {
        using var table = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 1, depths: 2);
        table.Upload([Shallow], [visible, 0]);
        Assert.Equal(bucket, table.VisibleBucket);
    }

    public static TheoryData<Row, string> Faults() => new()
    {
        { Shallow with { Position = -1 }, "row 1 of depth 0 has the negative position -1" },
        { Shallow with { Depth = -1 }, "row 1 of depth -1 has the negative depth -1" },
        { Shallow with { Depth = 2 }, "row 1 of depth 2 has depth 2 in a grid of 2" },
        { Shallow with { Cell = -1 }, "row 1 of depth 0 has the negative cell -1" },
        { Shallow with { Sequence = -1 }, "row 1 of depth 0 has the negative sequence -1" },
        { Shallow with { Token = -1 }, "row 1 of depth 0 has the negative token -1" },
        { Shallow with { Slot = -1 }, "row 1 of depth 0 has the negative slot -1" },
        { Shallow with { Slot = -1, Depth = 1, WantsLogits = false }, "row 1 of depth 1 has the negative slot -1" },
    };

    [Theory, MemberData(nameof(Faults))]
    public void Refuses_a_row_that_points_nowhere_and_keeps_the_last_pass(Row row, string fault)
    {
        using var table = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 4, depths: 2);
        table.Upload([Shallow], [1, 0]);
        var failure = Assert.Throws<ArgumentException>(() => table.Upload([Shallow, row], [1, 0, 1, 0]));
        Assert.StartsWith(fault, failure.Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (table.Count, table.HeadCount));
    }

    [Fact]
    public void Refuses_a_shallow_row_behind_a_deep_one_and_a_negative_count()
    {
        using var table = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 4, depths: 2);
        Assert.Throws<ArgumentException>(() => table.Upload([Shallow with { Depth = 1 }, Shallow], [1, 1, 1, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.Upload([Shallow], [1, -1]));
    }

    [Fact]
    public void Counts_the_runs_of_rows_of_one_sequence()
    {
        using var table = new RowTable(devices.OpenOrSkip(DeviceKind.Cpu), capacity: 4, depths: 1);
        Row Of(int sequence) => Shallow with { Sequence = sequence };
        table.Upload([Of(2), Of(2), Of(0), Of(2)], [1, 1, 1, 1]);
        Assert.Equal(3, table.Runs);
        table.Upload([], []);
        Assert.Equal(0, table.Runs);
    }

    [Fact]
    public void Operations_refuse_rows_beyond_what_they_index()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var embedding = device.Store(ElementType.F32, rows: 8, columns: 4, new float[32]);
        using var logits = new LogitsState(device, slots: 2, vocab: 8, topK: 3);
        using var pool = new KvPool(device, new KvShape(Layers: 1, KvHeads: 1, HeadDim: 4, PageSize: 4, Depths: 2, ElementType.F32));
        pool.Grow(2);
        using var rope = new RopeTable(device, headDim: 4, theta: 1e6);
        using var room = device.AllocateFloats(64);
        using var table = new RowTable(device, capacity: 1, depths: 2);
        using var sampling = new Sampling(device, SamplingVariant.Simd, maxRequests: 1, maxVocab: 8);
        var shape = new RotateAndStoreShape(Rows: 1, Heads: 1, KvHeads: 1, HeadDim: 4, 1e-6f);

        Refuses(Shallow with { Token = 8 }, () => new Embedding(device, EmbeddingVariant.Simd).Run(embedding.Matrix, table, logits, 3, room.View));
        Refuses(Shallow with { Slot = 2 }, () => new Embedding(device, EmbeddingVariant.Simd).Run(embedding.Matrix, table, logits, 3, room.View));
        Refuses(Shallow with { Slot = 2 }, () => new LogitsSum(device, LogitsSumVariant.Simd).Run(room.View, table, logits));
        Refuses(Shallow with { Slot = 2 }, () => new TopK(device, TopKVariant.Simd).Run(table, logits));
        Refuses(Shallow with { Cell = 8 }, () => new RotateAndStore(device, RotateAndStoreVariant.Simd).Run(
            new QkvBuffers(room.View, room.View, room.View), room.View, room.View, rope, table, pool.Layer(0), shape));
        foreach (var slot in (int[])[-1, 2])
        {
            var request = new SampleRequest(slot, Temperature: 0f, TopK: 0, TopP: 1f, MinP: 0f, Uniform: 0f, Penalties: null);
            Assert.Throws<ArgumentOutOfRangeException>(() => sampling.Upload(logits, [request]));
        }

        void Refuses(Row row, Action run)
        {
            table.Upload([row], [1, 0]);
            Assert.Throws<ArgumentOutOfRangeException>(run);
        }
    }
}
