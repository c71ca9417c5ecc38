using System.Buffers.Binary;
using System.IO.Compression;

namespace TaH.Engine;

/// <summary>The zip archive that <c>torch.save</c> writes: <c>NAME/data.pkl</c> and one entry under <c>NAME/data/</c> for each storage.</summary>
internal sealed class TorchArchive : IDisposable
{
    /// <summary>Pickles of deciders have a few kilobytes; the numbers are not in them.</summary>
    private const int MaxPickleBytes = 1 << 20;
    private const int MaxRank = 8;

    /// <summary>torch.save does not compress, and weights hardly could be: what unpacks to much more than the file is a bomb.</summary>
    private const int MaxExpansion = 8;

    private readonly string _name;
    private readonly ZipArchive _zip;
    private readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> _storages = new(StringComparer.Ordinal);
    private readonly string _prefix;
    private long _elementBytesLeft;

    private TorchArchive(string name, ZipArchive zip, long fileLength)
    {
        _name = name;
        _zip = zip;
        foreach (var entry in zip.Entries)
        {
            if (!_entries.TryAdd(entry.FullName, entry)) throw Fault(entry.FullName, "appears twice in the archive");
            _elementBytesLeft = checked(_elementBytesLeft + entry.Length);
        }

        if (_elementBytesLeft > fileLength * MaxExpansion)
        {
            throw Fault(null,
                $"unpacks to {Words.Grouped(_elementBytesLeft)} bytes from {Words.Grouped(fileLength)}; torch.save does not compress, it looks "
                    + "like a zip bomb");
        }

        _prefix = FindPrefix();
        if (_entries.TryGetValue(_prefix + "byteorder", out var order) && !Bytes(order, order.Length, limit: 64).AsSpan().SequenceEqual("little"u8))
        {
            throw Fault(_prefix + "byteorder", "is not \"little\"; numbers of a big-endian machine are not read");
        }
    }

    /// <summary>Opens an archive, lets <paramref name="read"/> read it, and words whatever is wrong with the zip itself.</summary>
    public static T Read<T>(string path, string name, Func<TorchArchive, T> read)
    {
        using var stream = CheckpointFiles.OpenRead(path, name);
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            using var archive = new TorchArchive(name, zip, stream.Length);
            return read(archive);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or NotSupportedException or ArgumentException or OverflowException
            or UnauthorizedAccessException)
        {
            throw new CheckpointException(name, null,
                $"is not a readable zip archive as torch.save writes it: {Words.Clean(error.Message.TrimEnd('.'), limit: 200)}", error);
        }
    }

    /// <summary>Reads <c>data.pkl</c>.</summary>
    public object? ReadPickle()
    {
        var entry = _entries[_prefix + "data.pkl"];
        return PickleReader.Read(_name, Bytes(entry, entry.Length, MaxPickleBytes));
    }

    /// <summary>Reads a tensor into row-major floats.</summary>
    /// <param name="field">How messages call it.</param>
    /// <param name="tensor">The view; its shape is already checked against what the caller expects.</param>
    public float[] ReadFloats(string field, TorchTensor tensor)
    {
        var count = CheckView(field, tensor);
        var itemSize = tensor.Storage.Type.ByteSize;
        // Tensors may share a storage, but together they cannot hold more than the archive does.
        _elementBytesLeft -= count * itemSize;
        if (_elementBytesLeft < 0) throw Fault(field, "and the tensors before it have more elements than the archive holds");
        var bytes = StorageBytes(field, tensor.Storage, itemSize);
        var values = new float[count];
        var index = new long[tensor.Shape.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var at = tensor.Offset;
            for (var d = 0; d < index.Length; d++) at += index[d] * tensor.Strides[d];
            values[i] = Element(bytes, tensor.Storage.Type, (int)at);
            for (var d = index.Length - 1; d >= 0 && ++index[d] == tensor.Shape[d]; d--) index[d] = 0;
        }

        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _zip.Dispose();

    private static float Element(byte[] bytes, TensorType type, int at) => type switch
    {
        TensorType.F32 => BinaryPrimitives.ReadSingleLittleEndian(bytes.AsSpan(at * 4)),
        TensorType.F16 => (float)BinaryPrimitives.ReadHalfLittleEndian(bytes.AsSpan(at * 2)),
        _ => BFloat16.ToSingle(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at * 2))),
    };

    private string FindPrefix()
    {
        var pickles = _entries.Keys.Where(key => key.Split('/') is [_, "data.pkl"]).ToList();
        return pickles.Count == 1
            ? pickles[0][..^"data.pkl".Length]
            : throw Fault(null, $"has {pickles.Count} entries NAME/data.pkl, one was expected; it is no file of torch.save");
    }

    private long CheckView(string field, TorchTensor tensor)
    {
        if (tensor.Shape.Length != tensor.Strides.Length || tensor.Shape.Length > MaxRank)
        {
            throw Fault(field, $"has {tensor.Shape.Length} sizes and {tensor.Strides.Length} strides");
        }

        Int128 count = 1, last = tensor.Offset;
        for (var d = 0; d < tensor.Shape.Length; d++)
        {
            count *= tensor.Shape[d];
            last += (Int128)Math.Max(0, tensor.Shape[d] - 1) * tensor.Strides[d];
            if (count > tensor.Storage.ElementCount || last >= tensor.Storage.ElementCount) break;
        }

        if (tensor.Offset >= 0 && count <= tensor.Storage.ElementCount && (count == 0 || last < tensor.Storage.ElementCount)) return (long)count;
        throw Fault(field,
            $"has shape {Words.Shape(tensor.Shape)}, strides {Words.Shape(tensor.Strides)} and offset {tensor.Offset}, which reach past "
            + $"its storage of {Words.Grouped(tensor.Storage.ElementCount)} elements");
    }

    private byte[] StorageBytes(string field, TorchStorage storage, int itemSize)
    {
        if (!_entries.TryGetValue($"{_prefix}data/{storage.Key}", out var entry))
        {
            throw Fault(field, $"is in storage {Words.Quoted(storage.Key)}, which the archive does not hold");
        }

        if (entry.Length != (Int128)storage.ElementCount * itemSize)
        {
            throw Fault(field, $"is in a storage of {Words.Grouped(storage.ElementCount)} {storage.Type.Label} elements, the archive's entry has "
                + $"{Words.Grouped(entry.Length)} bytes");
        }

        // Kept, so that a thousand views of one large storage do not unpack it a thousand times.
        if (_storages.TryGetValue(storage.Key, out var bytes)) return bytes;
        return _storages[storage.Key] = Bytes(entry, entry.Length, Array.MaxLength);
    }

    private byte[] Bytes(ZipArchiveEntry entry, long length, int limit)
    {
        if (length > limit) throw Fault(entry.FullName, $"declares {Words.Grouped(length)} bytes, at most {Words.Grouped(limit)} are read");
        var bytes = new byte[length];
        using var stream = entry.Open();
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw Fault(entry.FullName, $"declares {Words.Grouped(length)} bytes and has fewer; it looks cut off");
        }

        return stream.ReadByte() < 0 ? bytes : throw Fault(entry.FullName, $"declares {Words.Grouped(length)} bytes and unpacks to more");
    }

    private CheckpointException Fault(string? field, string fact) => new(_name, field is null ? null : Words.Name(field), fact);
}
