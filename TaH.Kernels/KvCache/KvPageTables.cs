namespace TaH.Kernels;

/// <summary>
/// Where the entries of a sequence lie: [sequences, depths, maxPages] page numbers on the device. Entry e of a list is in page e / pageSize of its
/// table.
/// </summary>
public sealed class KvPageTables : IDisposable
{
    private readonly HostUpload _upload;
    private readonly IntBuffer _buffer;

    /// <summary>Allocates tables.</summary>
    /// <param name="device">Where they live.</param>
    /// <param name="sequences">Sequences in flight at a time.</param>
    /// <param name="depths">Depths of the grid.</param>
    /// <param name="maxPages">Pages of the longest list.</param>
    public KvPageTables(ComputeDevice device, int sequences, int depths, int maxPages)
    {
        (Sequences, Depths, MaxPages) = (sequences, depths, maxPages);
        _buffer = device.AllocateInts((long)sequences * depths * maxPages);
        _upload = new HostUpload(device, Math.Max(1, maxPages) * sizeof(int));
    }

    /// <summary>Sequences in flight at a time.</summary>
    public int Sequences { get; }

    /// <summary>Depths of the grid.</summary>
    public int Depths { get; }

    /// <summary>Pages of the longest list.</summary>
    public int MaxPages { get; }

    /// <summary>[sequences, depths, maxPages].</summary>
    public Ints View => _buffer.View.BaseView;

    /// <summary>Writes part of a list's table.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="depth">The list's depth.</param>
    /// <param name="from">The first page of the list that changes.</param>
    /// <param name="pages">Its page numbers from there on.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence, depth or page number.</exception>
    /// <exception cref="ShapeException">The pages reach beyond the list.</exception>
    public void Write(int sequence, int depth, int from, ReadOnlySpan<int> pages)
    {
        ThrowIfOutside(sequence, Sequences, nameof(sequence));
        ThrowIfOutside(depth, Depths, nameof(depth));
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        if ((long)from + pages.Length > MaxPages) throw new ShapeException("a page table", MaxPages, (long)from + pages.Length);
        foreach (var page in pages) ArgumentOutOfRangeException.ThrowIfNegative(page, nameof(pages));
        if (pages.Length == 0) return;
        var start = ((((long)sequence * Depths) + depth) * MaxPages) + from;
        _upload.Copy(pages, View.SubView(start, pages.Length));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _upload.Dispose();
        _buffer.Dispose();
    }

    private static void ThrowIfOutside(int index, int count, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index, name);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, count, name);
    }
}
