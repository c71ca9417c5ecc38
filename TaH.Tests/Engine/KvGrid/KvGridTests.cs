using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class KvGridTests(TestDevices devices)
{
    private static readonly KvShape Shape = new(Layers: 2, KvHeads: 1, HeadDim: 4, PageSize: 3, Depths: 3, ElementType.F32);

    [Fact]
    public void An_entry_exists_only_where_a_token_ran()
    {
        using var grid = Open(maxSequences: 1, contextLimit: 32);
        using var sequence = grid.Open();
        foreach (var position in Enumerable.Range(0, 10)) sequence.Append(0, position);
        foreach (var position in (int[])[2, 3, 7]) sequence.Append(1, position);
        sequence.Append(2, 7);
        Assert.Equal(Enumerable.Range(0, 10), sequence.PositionsAt(0));
        Assert.Equal([2, 3, 7], sequence.PositionsAt(1));
        Assert.Equal([7], sequence.PositionsAt(2));
        Assert.Equal(4 + 1 + 1, grid.PagesInUse);
    }

    [Theory]
    [InlineData(1, 0, 2)]
    [InlineData(1, 1, 0)]
    [InlineData(2, 1, 1)]
    [InlineData(6, 1, 2)]
    [InlineData(7, 1, 3)]
    [InlineData(9, 1, 3)]
    [InlineData(7, 2, 1)]
    public void A_row_sees_the_entries_up_to_its_position(int position, int depth, int visible)
    {
        using var grid = Open(maxSequences: 1, contextLimit: 32);
        using var sequence = grid.Open();
        foreach (var p in Enumerable.Range(0, 10)) sequence.Append(0, p);
        foreach (var p in (int[])[2, 3, 7]) sequence.Append(1, p);
        sequence.Append(2, 7);
        Assert.Equal(visible, sequence.VisibleAt(depth, position));
    }

    // 2,000 random appends, rewinds, opens and closes against a model of what must be there: no page twice, freed pages come back, tables say what
    // lists say.
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Pages_are_never_shared_and_always_come_back(int seed)
    {
        var random = new Random(seed);
        using var grid = Open(maxSequences: 4, contextLimit: 60);
        var open = new List<GridSequence>();
        for (var step = 0; step < 2000; step++)
        {
            var action = random.Next(10);
            if (action == 0 && open.Count < 4) open.Add(grid.Open());
            else if (open.Count == 0) continue;
            else if (action == 1) Close(open, random.Next(open.Count));
            else if (action == 2) Rewind(open[random.Next(open.Count)], random);
            else Extend(open[random.Next(open.Count)], random);
            CheckPages(grid, open);
        }
        grid.Flush();
        CheckTables(grid, open);
        foreach (var sequence in open) sequence.Dispose();
        Assert.Equal(0, grid.PagesInUse);
    }

    [Fact]
    public void Growing_keeps_what_is_stored()
    {
        using var grid = Open(maxSequences: 2, contextLimit: 600);
        using var first = grid.Open();
        foreach (var position in Enumerable.Range(0, 30)) first.Append(0, position);
        grid.Flush();
        var before = grid.ByteCount;
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        grid.Pool.Layer(1).SingleKeys.SubView(first.CellAt(0, 20) * 4, 4).CopyFromCPU<float>(device.Accelerator.DefaultStream, [1, 2, 3, 4]);
        using var second = grid.Open();
        foreach (var position in Enumerable.Range(0, 500)) second.Append(0, position);
        grid.Flush();
        Assert.True(grid.ByteCount > before);
        Assert.Equal([1, 2, 3, 4], GridReader.Entries(device, grid.Pool, first, layer: 1, depth: 0).Keys[80..84]);
    }

    [Fact]
    public void Positions_come_in_order() => Assert.Throws<InvalidOperationException>(() =>
    {
        using var grid = Open(maxSequences: 1, contextLimit: 32);
        using var sequence = grid.Open();
        sequence.Append(1, 5);
        sequence.Append(1, 5);
    });

    [Fact]
    public void More_sequences_than_the_grid_was_made_for_are_refused()
    {
        using var grid = Open(maxSequences: 1, contextLimit: 32);
        using var sequence = grid.Open();
        Assert.Contains("made for 1 sequences", Assert.Throws<UsageException>(grid.Open).Message, StringComparison.Ordinal);
    }

    private KvGrid Open(int maxSequences, int contextLimit) => new(devices.OpenOrSkip(DeviceKind.Cpu), Shape, maxSequences, contextLimit);

    private static void Close(List<GridSequence> open, int index)
    {
        open[index].Dispose();
        open.RemoveAt(index);
    }

    private static void Rewind(GridSequence sequence, Random random)
    {
        var to = random.Next(sequence.Length + 1);
        sequence.TruncateFrom(to);
        for (var depth = 0; depth < sequence.Depths; depth++) Assert.DoesNotContain(sequence.PositionsAt(depth), position => position >= to);
        Assert.Equal(to, sequence.Length);
    }

    private static void Extend(GridSequence sequence, Random random)
    {
        if (sequence.Length == sequence.Limit) return;
        var position = sequence.Length;
        for (var depth = 0; depth < sequence.Depths && (depth == 0 || random.Next(3) == 0); depth++) sequence.Append(depth, position);
    }

    private static void CheckPages(KvGrid grid, List<GridSequence> open)
    {
        var pages = open.SelectMany(sequence => Enumerable.Range(0, sequence.Depths).SelectMany(sequence.PagesAt)).ToList();
        Assert.Equal(pages.Count, pages.Distinct().Count());
        Assert.Equal(pages.Count, grid.PagesInUse);
        foreach (var sequence in open)
        {
            for (var depth = 0; depth < sequence.Depths; depth++)
                Assert.Equal((sequence.PositionsAt(depth).Count + Shape.PageSize - 1) / Shape.PageSize, sequence.PagesAt(depth).Count);
        }
    }

    private void CheckTables(KvGrid grid, List<GridSequence> open)
    {
        var tables = grid.Tables;
        var all = new int[tables.Sequences * tables.Depths * tables.MaxPages];
        devices.OpenOrSkip(DeviceKind.Cpu).Download(tables.View, all.AsSpan());
        foreach (var sequence in open)
        {
            for (var depth = 0; depth < sequence.Depths; depth++)
            {
                var start = ((sequence.Number * tables.Depths) + depth) * tables.MaxPages;
                Assert.Equal(sequence.PagesAt(depth), all[start..(start + sequence.PagesAt(depth).Count)]);
            }
        }
    }
}
