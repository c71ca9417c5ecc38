namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class AttentionRangesTests(TestDevices devices)
{
    public static TheoryData<int[], int, bool[]?> Layouts() => new()
    {
        { [1], 1, null },
        { [3, 1, 9, 70, 129], 1, null },
        { [40, 1, 150, 7], 2, null },
        { [40, 1, 150, 7], 3, [true, false, true] },
        { [40, 64, 7], 2, [false, true] },
        { [12, 5], 2, [false, false] },
        { [], 1, null },
    };

    [Theory, MemberData(nameof(Layouts))]
    public void Ranges_and_seers_say_what_the_mask_says(int[] lengths, int depths, bool[]? visible)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var layout = PackedLayout.Of(lengths, depths, visible: visible);
        using var ranges = new AttentionRanges(device, layout.Passes, visible);
        var mask = layout.Mask();
        int[] seen = new int[2 * ranges.Rows * depths], seers = new int[2 * ranges.Entries];
        device.Download(ranges.Ranges, seen);
        device.Download(ranges.Seers, seers);
        Assert.Equal(mask.Sum(row => row.LongCount(sees => sees)), ranges.Pairs);
        for (var row = 0; row < ranges.Rows; row++)
        {
            var first = 0;
            for (var depth = 0; depth < depths; first += layout.Passes[depth].Length, depth++)
            {
                var (start, end) = (seen[2 * ((row * depths) + depth)], seen[(2 * ((row * depths) + depth)) + 1]);
                for (var entry = first; entry < first + layout.Passes[depth].Length; entry++)
                    Assert.Equal(mask[row][entry], entry >= start && entry < end);
            }
            for (var entry = 0; entry < ranges.Entries; entry++)
                Assert.Equal(mask[row][entry], row >= seers[2 * entry] && row < seers[(2 * entry) + 1]);
        }
    }

    [Theory, MemberData(nameof(Layouts))]
    public void Tiles_cover_every_row_and_every_seen_entry_once_within_one_sequence(int[] lengths, int depths, bool[]? visible)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var layout = PackedLayout.Of(lengths, depths, visible: visible);
        using var ranges = new AttentionRanges(device, layout.Passes, visible);
        var mask = layout.Mask();
        Assert.Equal(Enumerable.Range(0, ranges.Rows), ranges.RowTiles.SelectMany(Numbers).Order());
        Assert.Equal(
            Enumerable.Range(0, ranges.Entries).Where(entry => mask.Any(row => row[entry])), ranges.EntryTiles.SelectMany(Numbers).Order());
        var entries = layout.Passes.SelectMany((pass, depth) => pass.Select(place => (place.Sequence, depth))).ToArray();
        Assert.All(ranges.RowTiles, tile => Assert.Single(Numbers(tile).Select(row => layout.Passes[^1][row].Sequence).Distinct()));
        Assert.All(ranges.EntryTiles, tile => Assert.Single(Numbers(tile).Select(entry => entries[entry]).Distinct()));
        Assert.All(ranges.RowTiles, tile => Assert.InRange(tile.Count, 1, AttentionRanges.RowTileSize));
        Assert.All(ranges.EntryTiles, tile => Assert.InRange(tile.Count, 1, AttentionRanges.EntryTileSize));
    }

    [Fact]
    public void Refuses_rows_out_of_order()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        PackedPlace[] pass = [new(0, 1), new(1, 0), new(0, 2)];
        Assert.Throws<ArgumentException>(() => new AttentionRanges(device, [pass]));
    }

    private static IEnumerable<int> Numbers(PackedSpan tile) => Enumerable.Range(tile.First, tile.Count);
}
