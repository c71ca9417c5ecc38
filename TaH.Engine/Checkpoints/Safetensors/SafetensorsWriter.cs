using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Collects tensors and writes them as one safetensors file.</summary>
/// <remarks>The same tensors give the same bytes, in whatever order they were added: wider elements first, then by name, as the reference
/// writer does. The header is padded with spaces to 8 bytes, so that every element is aligned. The arrays are kept, not copied.</remarks>
public sealed class SafetensorsWriter
{
    private const int HeaderAlignment = 8;

    // Elements or bytes at a time, because the bytes of one tensor may be more than a span can hold.
    private const int Piece = 1 << 24;

    private readonly SortedDictionary<string, Entry> _tensors = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    private sealed record Entry(TensorType Type, long Count, long[] Shape, Action<Stream> Write);

    /// <summary>Adds a float32 tensor.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="values">Row-major; must not change before <see cref="Save"/>.</param>
    /// <param name="shape">The sizes, outermost first; none for a scalar.</param>
    /// <exception cref="ArgumentException">The name is taken, or the shape has another number of elements.</exception>
    public void Add(string name, float[] values, params ReadOnlySpan<int> shape) => Add(name, TensorType.F32, values, shape);

    /// <summary>Adds an int32 tensor.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="values">Row-major; must not change before <see cref="Save"/>.</param>
    /// <param name="shape">The sizes, outermost first; none for a scalar.</param>
    /// <exception cref="ArgumentException">The name is taken, or the shape has another number of elements.</exception>
    public void Add(string name, int[] values, params ReadOnlySpan<int> shape) => Add(name, TensorType.I32, values, shape);

    /// <summary>Adds a bfloat16 tensor by its bits.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="bits">Row-major, one bfloat16 each; must not change before <see cref="Save"/>.</param>
    /// <param name="shape">The sizes, outermost first; none for a scalar.</param>
    /// <exception cref="ArgumentException">The name is taken, or the shape has another number of elements.</exception>
    public void AddBf16(string name, ushort[] bits, params ReadOnlySpan<int> shape) => Add(name, TensorType.Bf16, bits, shape);

    /// <summary>Adds a tensor of another file, whose bytes are copied when this one is written.</summary>
    /// <param name="name">Its name here, not used before.</param>
    /// <param name="tensor">Of a file that stays open until then.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    internal void Add(string name, MappedTensor tensor) => Add(name, tensor.Type, tensor.Shape.AsSpan(), stream => CopyElements(stream, tensor));

    /// <summary>Adds a line to the header's free-form metadata, for instance <c>format</c>: <c>pt</c>.</summary>
    /// <param name="key">Its key, not used before.</param>
    /// <param name="value">Its text.</param>
    public void AddMetadata(string key, string value) => _metadata.Add(key, value);

    /// <summary>Adds a tensor whose elements come when they are written, and need not be in memory before.</summary>
    /// <param name="name">Its name, not used before.</param>
    /// <param name="type">The type that is written.</param>
    /// <param name="shape">The sizes, outermost first; none for a scalar.</param>
    /// <param name="write">Writes exactly the elements, row-major and little-endian.</param>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    internal void Add(string name, TensorType type, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        if (name == "__metadata__") throw new ArgumentException("safetensors keeps this name for itself", nameof(name));
        var count = 1L;
        foreach (var size in shape) count *= size;
        var entry = new Entry(type, count, shape.ToArray(), write);
        if (!_tensors.TryAdd(name, entry)) throw new ArgumentException($"{name} was added before", nameof(name));
    }

    /// <summary>Writes the file. It appears complete or not at all.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <exception cref="BadFileException">The disk refuses, or the directory may not be written to.</exception>
    public void Save(string path) => AtomicOutput.Write(path, Write);

    /// <summary>Writes the bytes of the file.</summary>
    internal void Write(Stream stream)
    {
        KeyValuePair<string, Entry>[] ordered = [.. _tensors.OrderByDescending(tensor => tensor.Value.Type.ByteSize)];
        var header = Header(ordered);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, entry) in ordered) entry.Write(stream);
    }

    private void Add<T>(string name, TensorType type, T[] values, ReadOnlySpan<int> shape) where T : unmanaged
    {
        var sizes = new long[shape.Length];
        Int128 count = 1;
        for (var i = 0; i < sizes.Length; i++) count *= sizes[i] = shape[i];
        if (sizes.Any(size => size < 0) || count != values.Length)
        {
            throw new ArgumentException($"{name}: {values.Length} values do not fill the shape {Words.Shape(sizes)}", nameof(shape));
        }

        Add(name, type, sizes, stream => WriteElements(stream, values));
    }

    private static void CopyElements(Stream stream, MappedTensor stored)
    {
        var piece = new byte[(int)Math.Min(Piece, stored.ByteCount)];
        for (long start = 0; start < stored.ByteCount; start += piece.Length)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, stored.ByteCount - start));
            stored.Read(start, part);
            stream.Write(part);
        }
    }

    private static void WriteElements<T>(Stream stream, T[] values) where T : unmanaged
    {
        for (var start = 0; start < values.Length; start += Piece)
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(start, Math.Min(Piece, values.Length - start))));
    }

    private byte[] Header(KeyValuePair<string, Entry>[] ordered)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json);
            long offset = 0;
            foreach (var (name, entry) in ordered) offset = WriteEntry(json, name, entry, offset);
            json.WriteEndObject();
        }

        var padding = -buffer.WrittenCount & (HeaderAlignment - 1);
        buffer.GetSpan(padding)[..padding].Fill((byte)' ');
        buffer.Advance(padding);
        return buffer.WrittenSpan.ToArray();
    }

    private void WriteMetadata(Utf8JsonWriter json)
    {
        if (_metadata.Count == 0) return;
        json.WriteStartObject("__metadata__");
        foreach (var (key, value) in _metadata) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static long WriteEntry(Utf8JsonWriter json, string name, Entry entry, long offset)
    {
        var end = offset + entry.Count * entry.Type.ByteSize;
        json.WriteStartObject(name);
        json.WriteString("dtype", entry.Type.Label);
        WriteNumbers(json, "shape", entry.Shape);
        WriteNumbers(json, "data_offsets", [offset, end]);
        json.WriteEndObject();
        return end;
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, long[] numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
