using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// The memory of keys and values: for every layer [pages, pageSize, kvHeads, headDim] of each. A page number means the same page in every layer.
/// </summary>
/// <remarks>Keys are stored after q/k norm and RoPE. Which page belongs to whom is the engine's business; see <see cref="KvPageTables"/>.</remarks>
public sealed class KvPool : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly MemoryBuffer?[] _keys;
    private readonly MemoryBuffer?[] _values;

    /// <summary>An empty pool.</summary>
    /// <param name="device">Where it lives.</param>
    /// <param name="shape">How entries lie.</param>
    public KvPool(ComputeDevice device, KvShape shape)
    {
        _device = device;
        Shape = shape;
        _keys = new MemoryBuffer?[shape.Layers];
        _values = new MemoryBuffer?[shape.Layers];
    }

    /// <summary>How entries lie.</summary>
    public KvShape Shape { get; }

    /// <summary>Pages that there is memory for.</summary>
    public int PageCount { get; private set; }

    /// <summary>Bytes in use on the device.</summary>
    public long ByteCount => PageCount * Shape.PageSize * Shape.EntryBytes;

    /// <summary>Makes room for more pages, keeping what is stored. Layer by layer, so that little is held twice.</summary>
    /// <param name="pages">Pages wanted; fewer than now changes nothing.</param>
    public void Grow(int pages)
    {
        if (pages <= PageCount) return;
        for (var layer = 0; layer < Shape.Layers; layer++)
        {
            _keys[layer] = Enlarge(_keys[layer], pages);
            _values[layer] = Enlarge(_values[layer], pages);
        }
        PageCount = pages;
    }

    /// <summary>The keys and values of a layer.</summary>
    public KvLayer Layer(int layer) => new(this, _keys[layer]!, _values[layer]!);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _keys.Concat(_values)) buffer?.Dispose();
    }

    private MemoryBuffer Enlarge(MemoryBuffer? old, int pages)
    {
        var length = (long)pages * Shape.PageSize * Shape.EntryLength;
        MemoryBuffer larger = Shape.Type == ElementType.F32 ? _device.Accelerator.Allocate1D<float>(length) : _device.Accelerator.Allocate1D<ushort>(length);
        var stream = _device.Accelerator.DefaultStream;
        if (old is not null) larger.AsRawArrayView().SubView(0, old.LengthInBytes).CopyFrom(stream, old.AsRawArrayView());
        _device.ReplaceMemory();
        old?.Dispose();
        return larger;
    }
}
