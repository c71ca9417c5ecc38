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

    // Bytes, or elements, at a time: those of one tensor may be more than a span can hold.
    private const int Piece = 1 << 24;

    private readonly SortedDictionary<string, Entry> _tensors = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <summary>Values is an array, or the tensor of an open file that they are copied from.</summary>
    private sealed record Entry(TensorType Type, object Values, long[] Shape)
    {
        public long ByteCount => Values is MappedTensor stored ? stored.ByteCount : (long)((Array)Values).Length * Type.ByteSize;
    }

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
    internal void Add(string name, MappedTensor tensor)
    {
        if (!_tensors.TryAdd(name, new Entry(tensor.Type, tensor, [.. tensor.Shape]))) throw new ArgumentException($"{name} was added before", nameof(name));
    }

    /// <summary>Adds a line to the header's free-form metadata, for instance <c>format</c>: <c>pt</c>.</summary>
    /// <param name="key">Its key, not used before.</param>
    /// <param name="value">Its text.</param>
    public void AddMetadata(string key, string value) => _metadata.Add(key, value);

    /// <summary>Writes the file. It appears complete or not at all: the bytes go to a temporary file beside it, which then takes its name.</summary>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written to.</exception>
    public void Save(string path)
    {
        // Through a link to the file it means, so that the link stays one.
        if (File.Exists(path)) path = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        var temporary = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                Write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            // After the move there is nothing left to delete.
            File.Delete(temporary);
        }
    }

    private void Add(string name, TensorType type, Array values, ReadOnlySpan<int> shape)
    {
        if (name == "__metadata__") throw new ArgumentException("safetensors keeps this name for itself", nameof(name));
        var sizes = new long[shape.Length];
        Int128 count = 1;
        for (var i = 0; i < sizes.Length; i++) count *= sizes[i] = shape[i];
        if (sizes.Any(size => size < 0) || count != values.Length)
        {
            throw new ArgumentException($"{name}: {values.Length} values do not fill the shape {Words.Shape(sizes)}", nameof(shape));
        }

        if (!_tensors.TryAdd(name, new Entry(type, values, sizes))) throw new ArgumentException($"{name} was added before", nameof(name));
    }

    private void Write(Stream stream)
    {
        KeyValuePair<string, Entry>[] ordered = [.. _tensors.OrderByDescending(tensor => tensor.Value.Type.ByteSize)];
        var header = Header(ordered);
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
        stream.Write(length);
        stream.Write(header);
        foreach (var (_, entry) in ordered) WriteElements(stream, entry);
    }

    private static void WriteElements(Stream stream, Entry entry)
    {
        if (entry.Values is MappedTensor stored)
        {
            CopyElements(stream, stored);
            return;
        }

        var length = ((Array)entry.Values).Length;
        for (var start = 0; start < length; start += Piece)
        {
            var count = Math.Min(Piece, length - start);
            stream.Write(entry.Values switch
            {
                float[] values => MemoryMarshal.AsBytes(values.AsSpan(start, count)),
                int[] values => MemoryMarshal.AsBytes(values.AsSpan(start, count)),
                _ => MemoryMarshal.AsBytes(((ushort[])entry.Values).AsSpan(start, count)),
            });
        }
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
        var end = offset + entry.ByteCount;
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
