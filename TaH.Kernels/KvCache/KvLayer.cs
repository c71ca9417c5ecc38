using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>The keys and values of one layer, each [pages, pageSize, kvHeads, headDim].</summary>
public readonly struct KvLayer
{
    private readonly MemoryBuffer _keys;
    private readonly MemoryBuffer _values;

    internal KvLayer(KvPool pool, MemoryBuffer keys, MemoryBuffer values)
    {
        Shape = pool.Shape;
        Length = (long)pool.PageCount * pool.Shape.PageSize * pool.Shape.EntryLength;
        _keys = keys;
        _values = values;
    }

    /// <summary>How entries lie.</summary>
    public KvShape Shape { get; }

    /// <summary>Elements of the keys, and of the values.</summary>
    public long Length { get; }

    /// <summary>Where the keys start in the device's memory.</summary>
    internal ulong KeyAddress => (ulong)_keys.NativePtr;

    /// <summary>Where the values start in the device's memory.</summary>
    internal ulong ValueAddress => (ulong)_values.NativePtr;

    internal Floats SingleKeys => new(_keys, 0, Length);

    internal Floats SingleValues => new(_values, 0, Length);

    internal Halves HalfKeys => new(_keys, 0, Length);

    internal Halves HalfValues => new(_values, 0, Length);
}
