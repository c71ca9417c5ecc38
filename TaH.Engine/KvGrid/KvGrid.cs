namespace TaH.Engine;

/// <summary>
/// Keys and values of many sequences over the position x depth grid. An entry exists only where a token ran at that depth; entries lie in pages that
/// are reached through a table per sequence and depth.
/// </summary>
public sealed class KvGrid : IDisposable
{
    private readonly PageAllocator _allocator;
    private readonly Stack<int> _freeNumbers;
    private readonly Dictionary<int, GridSequence> _open = [];

    /// <summary>An empty grid; memory grows as entries come.</summary>
    /// <param name="device">Where keys and values live.</param>
    /// <param name="shape">How they lie.</param>
    /// <param name="maxSequences">Sequences that may be open at a time.</param>
    /// <param name="contextLimit">Positions that a sequence may have.</param>
    internal KvGrid(ComputeDevice device, KvShape shape, int maxSequences, int contextLimit)
    {
        Shape = shape;
        ContextLimit = contextLimit;
        var pagesPerList = (contextLimit + shape.PageSize - 1) / shape.PageSize;
        Pool = new KvPool(device, shape);
        Tables = new KvPageTables(device, maxSequences, shape.Depths, pagesPerList);
        _allocator = new PageAllocator(Pool, (int)Math.Min(int.MaxValue / shape.PageSize, (long)maxSequences * shape.Depths * pagesPerList));
        _freeNumbers = new Stack<int>(Enumerable.Range(0, maxSequences).Reverse());
    }

    /// <summary>How entries lie.</summary>
    public KvShape Shape { get; }

    /// <summary>Positions that a sequence may have.</summary>
    public int ContextLimit { get; }

    /// <summary>Pages that hold entries.</summary>
    public int PagesInUse => _allocator.InUse;

    /// <summary>Bytes that keys and values take on the device.</summary>
    public long ByteCount => Pool.ByteCount;

    internal KvPool Pool { get; }

    internal KvPageTables Tables { get; }

    /// <summary>Opens an empty sequence.</summary>
    /// <exception cref="UsageException">As many are open as the grid was made for.</exception>
    public GridSequence Open()
    {
        if (!_freeNumbers.TryPop(out var number))
            throw new UsageException($"the grid was made for {Tables.Sequences} sequences at a time, and all are open");
        return _open[number] = new GridSequence(this, number, _allocator, Shape.Depths);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Pool.Dispose();
        Tables.Dispose();
    }

    /// <summary>Brings memory and tables on the device up to date with the entries that the host has added. Before every pass.</summary>
    internal void Flush()
    {
        _allocator.EnsureMemory();
        foreach (var sequence in _open.Values) sequence.Flush(Tables);
        Tables.Flush();
    }

    internal void Release(GridSequence sequence)
    {
        _open.Remove(sequence.Number);
        _freeNumbers.Push(sequence.Number);
    }
}
