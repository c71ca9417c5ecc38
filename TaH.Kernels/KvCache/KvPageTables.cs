namespace TaH.Kernels;

/// <summary>
/// Where the entries of a sequence lie: [sequences, depths, maxPages] page numbers on the device. Entry e of a list is in page e / pageSize of its
/// table.
/// </summary>
public sealed class KvPageTables : IDisposable
{
    // One copy of this much is sooner there than several small ones.
    private const int MostBytesAtOnce = 64 << 10;

    private readonly HostUpload _upload;
    private readonly IntBuffer _buffer;
    private readonly int[] _pages; // what the device has, or will have after the next flush
    private readonly List<Range> _staged = [];

    /// <summary>Allocates tables.</summary>
    /// <param name="device">Where they live.</param>
    /// <param name="sequences">Sequences in flight at a time.</param>
    /// <param name="depths">Depths of the grid.</param>
    /// <param name="maxPages">Pages of the longest list.</param>
    public KvPageTables(ComputeDevice device, int sequences, int depths, int maxPages)
    {
        (Sequences, Depths, MaxPages) = (sequences, depths, maxPages);
        _buffer = device.AllocateInts((long)sequences * depths * maxPages);
        _pages = new int[checked(sequences * depths * maxPages)];
        _upload = new HostUpload(device, Math.Max(Math.Max(1, maxPages) * sizeof(int), MostBytesAtOnce));
    }

    /// <summary>Sequences in flight at a time.</summary>
    public int Sequences { get; }

    /// <summary>Depths of the grid.</summary>
    public int Depths { get; }

    /// <summary>Pages of the longest list.</summary>
    public int MaxPages { get; }

    /// <summary>[sequences, depths, maxPages].</summary>
    public Ints View => _buffer.View.BaseView;

    /// <summary>Writes part of a list's table: <see cref="Stage"/>, then <see cref="Flush"/>.</summary>
    public void Write(int sequence, int depth, int from, ReadOnlySpan<int> pages)
    {
        Stage(sequence, depth, from, pages);
        Flush();
    }

    /// <summary>Notes part of a list's table for the next <see cref="Flush"/>.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="depth">The list's depth.</param>
    /// <param name="from">The first page of the list that changes.</param>
    /// <param name="pages">Its page numbers from there on.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence, depth or page number.</exception>
    /// <exception cref="ShapeException">The pages reach beyond the list.</exception>
    public void Stage(int sequence, int depth, int from, ReadOnlySpan<int> pages)
    {
        ThrowIfOutside(sequence, Sequences, nameof(sequence));
        ThrowIfOutside(depth, Depths, nameof(depth));
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if ((long)from + pages.Length > MaxPages) throw new ShapeException("a page table", MaxPages, (long)from + pages.Length);
        foreach (var page in pages) ArgumentOutOfRangeException.ThrowIfNegative(page, nameof(pages));
        if (pages.Length == 0) return;
        var start = (((sequence * Depths) + depth) * MaxPages) + from;
        pages.CopyTo(_pages.AsSpan(start));
        _staged.Add(start..(start + pages.Length));
    }

    /// <summary>
    /// Brings what was staged to the device: where sequences reach new pages together, in one copy of all that lies between the first and the last.
    /// </summary>
    public void Flush()
    {
        if (_staged.Count == 0) return;
        int first = _staged[0].Start.Value, end = _staged[0].End.Value;
        foreach (var range in _staged) (first, end) = (Math.Min(first, range.Start.Value), Math.Max(end, range.End.Value));
        if ((end - first) * sizeof(int) <= MostBytesAtOnce) Copy(first..end);
        else _staged.ForEach(Copy);
        _staged.Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _upload.Dispose();
        _buffer.Dispose();
    }

    private void Copy(Range range)
    {
        var (start, length) = range.GetOffsetAndLength(_pages.Length);
        _upload.Copy<int>(_pages.AsSpan(start, length), View.SubView(start, length));
    }

    private static void ThrowIfOutside(int index, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count, name);
    }
}
