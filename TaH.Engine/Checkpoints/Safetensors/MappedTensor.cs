using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace TaH.Engine;

/// <summary>A tensor inside a memory-mapped file, row-major; valid while its file is open.</summary>
public sealed unsafe class MappedTensor
{
    private readonly SafetensorsFile _owner;
    private readonly long _offset;

    internal MappedTensor(SafetensorsFile owner, SafetensorsEntry entry, long dataStart)
    {
        _owner = owner;
        _offset = dataStart + entry.Begin;
        Name = entry.Name;
        Type = entry.Type;
        Shape = entry.Shape;
        ElementCount = entry.ElementCount;
        ByteCount = entry.End - entry.Begin;
    }

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The element type.</summary>
    public TensorType Type { get; }

    /// <summary>The sizes, outermost first; empty for a scalar.</summary>
    public ImmutableArray<long> Shape { get; }

    /// <summary>The product of the shape.</summary>
    public long ElementCount { get; }

    /// <summary>The bytes it takes in the file.</summary>
    public long ByteCount { get; }

    /// <summary>The first byte. Little-endian as in the file; aligned to the element size in files of the usual writers, which pad the
    /// header.</summary>
    /// <exception cref="ObjectDisposedException">The file was closed.</exception>
    public byte* Pointer => _owner.Start + _offset;

    /// <summary>Reads bytes as they are stored, from the file itself. Any thread may call.</summary>
    /// <param name="offset">The first byte, counted from the tensor's beginning.</param>
    /// <param name="target">Every byte is written.</param>
    /// <exception cref="CheckpointException">The file has become shorter, or cannot be read.</exception>
    internal void Read(long offset, Span<byte> target) => _owner.Read(Name, _offset + offset, target);

    /// <summary>Copies the elements into floats; integers and doubles are rounded to the nearest float.</summary>
    /// <exception cref="CheckpointException">It has more elements than an array can hold.</exception>
    public float[] ToFloats()
    {
        var values = new float[ArrayLength()];
        switch (Type)
        {
            case TensorType.F32: Elements<float>().CopyTo(values); break;
            case TensorType.Bf16: Convert<ushort>(values, BFloat16.ToSingle); break;
            case TensorType.F16: Convert<Half>(values, half => (float)half); break;
            case TensorType.F64: Convert<double>(values, number => (float)number); break;
            case TensorType.I64: Convert<long>(values, number => number); break;
            case TensorType.I32: Convert<int>(values, number => number); break;
            case TensorType.I16: Convert<short>(values, number => number); break;
            case TensorType.I8: Convert<sbyte>(values, number => number); break;
            default: Convert<byte>(values, number => number); break;
        }

        return values;
    }

    /// <summary>Copies the elements into integers; only for integer and Boolean types.</summary>
    /// <exception cref="CheckpointException">The type is a floating one, an element does not fit, or there are more than an array can
    /// hold.</exception>
    public int[] ToInts()
    {
        var values = new int[ArrayLength()];
        switch (Type)
        {
            case TensorType.I32: Elements<int>().CopyTo(values); break;
            case TensorType.I64: Convert<long, int>(values, Narrow); break;
            case TensorType.I16: Convert<short, int>(values, number => number); break;
            case TensorType.I8: Convert<sbyte, int>(values, number => number); break;
            case TensorType.U8 or TensorType.Bool: Convert<byte, int>(values, number => number); break;
            default: throw _owner.Fault(Name, $"has dtype {Type.Label}, integers were expected");
        }

        return values;
    }

    private int Narrow(long number) =>
        number is >= int.MinValue and <= int.MaxValue ? (int)number : throw _owner.Fault(Name, $"holds {number}, which does not fit 32 bits");

    private int ArrayLength() => ElementCount <= Array.MaxLength
        ? (int)ElementCount
        : throw _owner.Fault(Name, $"has {Words.Grouped(ElementCount)} elements, more than an array can hold");

    private ReadOnlySpan<T> Elements<T>() where T : unmanaged => MemoryMarshal.CreateReadOnlySpan(ref *(T*)Pointer, (int)ElementCount);

    private void Convert<TFrom>(float[] values, Func<TFrom, float> convert) where TFrom : unmanaged => Convert<TFrom, float>(values, convert);

    private void Convert<TFrom, TTo>(TTo[] values, Func<TFrom, TTo> convert) where TFrom : unmanaged
    {
        var elements = Elements<TFrom>();
        for (var i = 0; i < values.Length; i++) values[i] = convert(elements[i]);
    }
}
