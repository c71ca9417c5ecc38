namespace TaH.Tests;

public class RowTilesTests
{
    [Fact]
    public void Cuts_where_sequence_or_depth_changes_or_a_row_sees_less_or_the_tile_is_full()
    {
        var rows = new List<Row>();
        var visible = new List<int>();
        void Add(int count, int sequence, int depth, int from, int deeper = 0)
        {
            for (var i = 0; i < count; i++)
            {
                rows.Add(new Row(sequence, 0, depth, 0, 0, 0, false));
                visible.AddRange([from + i, depth == 0 ? 0 : deeper + i]);
            }
        }

        Add(70, sequence: 0, depth: 0, from: 1);
        Add(3, sequence: 1, depth: 0, from: 900);
        Add(2, sequence: 1, depth: 0, from: 5);
        Add(2, sequence: 1, depth: 1, from: 8, deeper: 1000);
        var (firsts, counts) = (new int[rows.Count], new int[rows.Count]);
        var tiles = RowTiles.Cut(rows.ToArray(), visible.ToArray(), depths: 2, firsts, counts);
        // What the last rows see: 9 + 1001, 902, 70, 64, 6.
        Assert.Equal([(75, 2), (70, 3), (64, 6), (0, 64), (73, 2)], firsts.Zip(counts).Take(tiles));
    }

    [Fact]
    public void Keeps_rows_apart_that_see_less_of_a_deeper_list()
    {
        Row[] rows = [.. Enumerable.Repeat(new Row(0, 0, 1, 0, 0, 0, false), 3)];
        var (firsts, counts) = (new int[3], new int[3]);
        Assert.Equal(2, RowTiles.Cut(rows, [1, 5, 2, 4, 3, 4], depths: 2, firsts, counts));
        Assert.Equal([(1, 2), (0, 1)], firsts.Zip(counts).Take(2));
    }
}
