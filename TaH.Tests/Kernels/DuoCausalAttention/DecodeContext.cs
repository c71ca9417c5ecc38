using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Rows of as many sequences, behind equally many bf16 entries in shuffled pages, with the heads of Qwen3-1.7B.</summary>
internal sealed class DecodeContext : IDisposable
{
    private const int PageSize = 16;
    private const int Depths = 2;

    private readonly KvPool _pool;

    /// <param name="device">Where.</param>
    /// <param name="rows">Rows of depth 0.</param>
    /// <param name="entries">What each sees, its own included.</param>
    /// <param name="layers">Layers of entries.</param>
    public DecodeContext(ComputeDevice device, int rows, int entries, int layers)
    {
        var maxPages = (entries + PageSize - 1) / PageSize;
        Shape = new DuoCausalAttentionShape(rows, Heads: 16, KvHeads: 8, HeadDim: 128, PageSize, Depths, maxPages);
        _pool = new KvPool(device, new KvShape(layers, Shape.KvHeads, Shape.HeadDim, PageSize, Depths, ElementType.Bf16));
        _pool.Grow(rows * maxPages);
        using var random = new RandomWeights(device).Make(rows * maxPages * PageSize, Shape.KvHeads * Shape.HeadDim, 1f, 5);
        for (var layer = 0; layer < layers; layer++)
        {
            _pool.Layer(layer).HalfKeys.CopyFrom(device.Accelerator.DefaultStream, random.Halves);
            _pool.Layer(layer).HalfValues.CopyFrom(device.Accelerator.DefaultStream, random.Halves);
        }
        var pages = Enumerable.Range(0, rows * maxPages).ToArray();
        new Random(9).Shuffle(pages);
        Tables = new KvPageTables(device, rows, Depths, maxPages);
        for (var row = 0; row < rows; row++) Tables.Write(row, 0, 0, pages.AsSpan(row * maxPages, maxPages));
        Rope = new RopeTable(device, Shape.HeadDim, 1e6);
        Rows = new RowTable(device, rows, Depths);
        int Cell(int row) => (pages[(row * maxPages) + ((entries - 1) / PageSize)] * PageSize) + ((entries - 1) % PageSize);
        Rows.Upload(
            [.. Enumerable.Range(0, rows).Select(row => new Row(row, entries - 1, 0, 0, 0, Cell(row), false))],
            [.. Enumerable.Range(0, rows).SelectMany(_ => new[] { entries, 0 })]);
        device.Synchronize();
    }

    public DuoCausalAttentionShape Shape { get; }

    public KvPageTables Tables { get; }

    public RopeTable Rope { get; }

    public RowTable Rows { get; }

    /// <summary>The entries of a layer; past the last one come the first again.</summary>
    public KvLayer Layer(int layer) => _pool.Layer(layer % _pool.Shape.Layers);

    public void Dispose()
    {
        _pool.Dispose();
        Tables.Dispose();
        Rope.Dispose();
        Rows.Dispose();
    }
}
