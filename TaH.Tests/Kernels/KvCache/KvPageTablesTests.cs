using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class KvPageTablesTests(TestDevices devices)
{
    [Theory, InlineData(DeviceKind.Cpu), InlineData(DeviceKind.OpenCl), InlineData(DeviceKind.Cuda)]
    public void Writes_the_part_of_the_list_and_nothing_else(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var tables = new KvPageTables(device, sequences: 2, depths: 2, maxPages: 3);
        var expected = Enumerable.Repeat(-7, 12).ToArray();
        tables.View.CopyFromCPU(expected);
        int[] pages = [5, 9];
        tables.Write(sequence: 1, depth: 0, from: 1, pages);
        pages.AsSpan().Clear(); // the memory is the caller's again
        tables.Write(sequence: 0, depth: 1, from: 3, []);
        (expected[7], expected[8]) = (5, 9);
        var actual = new int[12];
        device.Download(tables.View, actual);
        Assert.Equal(expected, actual);
    }

    // Tables so small that one copy takes all, and so large that each piece goes by itself.
    [Theory, InlineData(DeviceKind.Cpu, 3), InlineData(DeviceKind.Cpu, 20_000), InlineData(DeviceKind.Cuda, 3), InlineData(DeviceKind.Cuda, 20_000)]
    public void Brings_all_that_was_staged(DeviceKind kind, int maxPages)
    {
        var device = devices.OpenOrSkip(kind);
        using var tables = new KvPageTables(device, sequences: 3, depths: 2, maxPages);
        tables.Write(1, 1, 0, [4, 6, 8]);
        tables.Stage(2, 0, 1, [5, 9]);
        tables.Stage(0, 1, 2, [7]);
        var actual = new int[6 * maxPages];
        tables.Flush();
        device.Download(tables.View, actual);
        Assert.Equal([4, 6, 8], actual.AsSpan(3 * maxPages, 3).ToArray());
        Assert.Equal([5, 9], actual.AsSpan((4 * maxPages) + 1, 2).ToArray());
        Assert.Equal(7, actual[maxPages + 2]);
    }

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(2, 0, 0)]
    [InlineData(0, -1, 0)]
    [InlineData(0, 2, 0)]
    [InlineData(0, 0, -1)]
    [InlineData(0, 0, 0, -4)]
    public void Refuses_what_there_is_no_table_for(int sequence, int depth, int from, int page = 1)
    {
        using var tables = new KvPageTables(devices.OpenOrSkip(DeviceKind.Cpu), sequences: 2, depths: 2, maxPages: 3);
        Assert.Throws<ArgumentOutOfRangeException>(() => tables.Write(sequence, depth, from, [page]));
    }

    [Theory, InlineData(2), InlineData(4), InlineData(int.MaxValue)]
    public void Refuses_pages_beyond_the_list(int from)
    {
        using var tables = new KvPageTables(devices.OpenOrSkip(DeviceKind.Cpu), sequences: 2, depths: 2, maxPages: 3);
        var failure = Assert.Throws<ShapeException>(() => tables.Write(0, 0, from, [1, 2]));
        Assert.StartsWith("a page table has 3 elements", failure.Message, StringComparison.Ordinal);
    }
}
