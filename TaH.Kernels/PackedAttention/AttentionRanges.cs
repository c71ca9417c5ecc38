using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// What the rows of a packed pass see. Entries are the rows of all passes up to this one, those of depth 0 first. Of each depth a row sees the entries
/// of its sequence up to its own position, which are neighbours; and the rows that see an entry are neighbours, too.
/// </summary>
public sealed class AttentionRanges : IDisposable
{
    /// <summary>Rows of a tile.</summary>
    internal const int RowTileSize = 128;

    /// <summary>Entries of a tile.</summary>
    internal const int EntryTileSize = 64;

    private readonly IntBuffer _tables; // all four of them: memory is not got and given back for each
    private readonly PackedSpan[] _sequences;

    /// <summary>Computes what is seen and brings it to a device.</summary>
    /// <param name="device">Where attention runs.</param>
    /// <param name="passes">The rows of each depth up to the pass's own, which is the last.</param>
    /// <param name="visible">Of each depth whether its entries are seen; null for all.</param>
    /// <exception cref="ArgumentException">There is no pass, a pass is out of order, or the depths of the two lists differ.</exception>
    public AttentionRanges(ComputeDevice device, IReadOnlyList<PackedPlace[]> passes, IReadOnlyList<bool>? visible = null)
    {
        if (passes.Count == 0) throw new ArgumentException("attention needs at least the pass of depth 0", nameof(passes));
        if (visible is not null) ShapeException.ThrowIfDifferent(visible.Count, passes.Count, nameof(visible));
        foreach (var pass in passes) CheckOrder(pass);
        var rows = passes[^1];
        (Rows, Depths, Entries) = (rows.Length, passes.Count, passes.Sum(pass => pass.Length));
        var (ranges, seers) = (new int[2 * Rows * Depths], new int[2 * Entries]);
        for (int depth = 0, first = 0; depth < Depths; first += passes[depth].Length, depth++)
        {
            if (visible is not null && !visible[depth]) continue;
            FillRanges(ranges, rows, passes[depth], first, depth);
            FillSeers(seers, rows, passes[depth], first);
        }
        for (var range = 0; range < ranges.Length; range += 2) Pairs += ranges[range + 1] - ranges[range];
        _sequences = [.. Runs(rows)];
        RowTiles = [.. _sequences.SelectMany(run => Cut(run, RowTileSize)).OrderByDescending(tile => SeenBy(ranges, tile.End - 1))];
        EntryTiles =
        [
            .. EntryRuns(passes, seers).SelectMany(run => Cut(run, EntryTileSize))
                .OrderByDescending(tile => seers[(2 * tile.First) + 1] - seers[2 * tile.First]),
        ];
        int[][] tables = [ranges, seers, Flat(RowTiles), Flat(EntryTiles)];
        _tables = device.AllocateInts(tables.Sum(table => (long)table.Length) + 1); // a view must begin inside, an empty last one, too
        var next = 0L;
        (Ranges, Seers, RowTilesOnDevice, EntryTilesOnDevice) = (Take(0), Take(1), Take(2), Take(3));
        device.Synchronize();

        Ints Take(int index)
        {
            var view = _tables.View.BaseView.SubView(next, tables[index].Length);
            if (view.Length > 0) view.CopyFromCPU(device.Accelerator.DefaultStream, tables[index]);
            next += view.Length;
            return view;
        }
    }

    /// <summary>Rows of the pass.</summary>
    public int Rows { get; }

    /// <summary>Depths up to the pass's own.</summary>
    public int Depths { get; }

    /// <summary>Rows of the passes of all these depths.</summary>
    public int Entries { get; }

    /// <summary>How many entries all rows see together.</summary>
    public long Pairs { get; }

    /// <summary>[rows, depths, 2]: the first entry that the row sees of the depth, and the one behind the last.</summary>
    public Ints Ranges { get; }

    /// <summary>[entries, 2]: the first row that sees the entry, and the one behind the last.</summary>
    public Ints Seers { get; }

    /// <summary>Runs of rows of one sequence, up to <see cref="RowTileSize"/> each, those that see most first.</summary>
    internal PackedSpan[] RowTiles { get; }

    /// <summary>Runs of entries of one sequence and depth that some row sees, up to <see cref="EntryTileSize"/> each, those that most rows see first.</summary>
    internal PackedSpan[] EntryTiles { get; }

    /// <summary>[row tiles, 2]: first row and count.</summary>
    internal Ints RowTilesOnDevice { get; }

    /// <summary>[entry tiles, 2]: first entry and count.</summary>
    internal Ints EntryTilesOnDevice { get; }

    /// <summary>The rows of each sequence.</summary>
    internal ReadOnlySpan<PackedSpan> Sequences => _sequences;

    /// <summary>The sizes of attention over these rows.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="kvHeads">Key and value heads.</param>
    /// <param name="headDim">Elements of a head.</param>
    public PackedAttentionShape ShapeOf(int heads, int kvHeads, int headDim) => new(Rows, Entries, Depths, heads, kvHeads, headDim);

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();

    private static void CheckOrder(ReadOnlySpan<PackedPlace> pass)
    {
        for (var row = 1; row < pass.Length; row++)
        {
            if (pass[row] <= pass[row - 1])
                throw new ArgumentException($"row {row} of a pass is {pass[row]}, which does not come after {pass[row - 1]}", nameof(pass));
        }
    }

    private void FillRanges(int[] ranges, ReadOnlySpan<PackedPlace> rows, ReadOnlySpan<PackedPlace> entries, int first, int depth)
    {
        for (int row = 0, start = 0, end = 0; row < rows.Length; row++)
        {
            if (row == 0 || rows[row].Sequence != rows[row - 1].Sequence)
            {
                while (end < entries.Length && entries[end].Sequence < rows[row].Sequence) end++;
                start = end;
            }
            while (end < entries.Length && entries[end] <= rows[row]) end++;
            (ranges[2 * ((row * Depths) + depth)], ranges[(2 * ((row * Depths) + depth)) + 1]) = (first + start, first + end);
        }
    }

    private static void FillSeers(int[] seers, ReadOnlySpan<PackedPlace> rows, ReadOnlySpan<PackedPlace> entries, int first)
    {
        for (int entry = 0, start = 0, end = 0; entry < entries.Length; entry++)
        {
            while (start < rows.Length && rows[start] < entries[entry]) start++;
            while (end < rows.Length && rows[end].Sequence <= entries[entry].Sequence) end++;
            if (start < end) (seers[2 * (first + entry)], seers[(2 * (first + entry)) + 1]) = (start, end);
        }
    }

    private static IEnumerable<PackedSpan> EntryRuns(IReadOnlyList<PackedPlace[]> passes, int[] seers)
    {
        var first = 0;
        foreach (var pass in passes)
        {
            foreach (var run in Runs(pass))
            {
                var count = 0; // the later an entry, the fewer rows see it
                while (count < run.Count && seers[(2 * (first + run.First + count)) + 1] > 0) count++;
                if (count > 0) yield return new PackedSpan(first + run.First, count);
            }
            first += pass.Length;
        }
    }

    private static IEnumerable<PackedSpan> Runs(PackedPlace[] places)
    {
        for (int first = 0, next; first < places.Length; first = next)
        {
            next = first + 1;
            while (next < places.Length && places[next].Sequence == places[first].Sequence) next++;
            yield return new PackedSpan(first, next - first);
        }
    }

    private static IEnumerable<PackedSpan> Cut(PackedSpan run, int size)
    {
        for (var first = run.First; first < run.End; first += size) yield return new PackedSpan(first, Math.Min(size, run.End - first));
    }

    private long SeenBy(int[] ranges, int row)
    {
        long seen = 0;
        for (var depth = 0; depth < Depths; depth++) seen += ranges[(2 * ((row * Depths) + depth)) + 1] - ranges[2 * ((row * Depths) + depth)];
        return seen;
    }

    private static int[] Flat(PackedSpan[] tiles)
    {
        var flat = new int[2 * tiles.Length];
        for (var i = 0; i < tiles.Length; i++) (flat[2 * i], flat[(2 * i) + 1]) = (tiles[i].First, tiles[i].Count);
        return flat;
    }
}
