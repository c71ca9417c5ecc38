using System.Buffers.Binary;
using System.IO.Compression;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Rows of JSON lines, of a JSON array or of Parquet, packed by gzip or not, told apart by their first bytes.</summary>
internal static class TaskRows
{
    /// <summary>Reads a file row by row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">What is wanted of a Parquet file; null for every column of text and numbers.</param>
    /// <returns>Each row as a JSON object.</returns>
    /// <exception cref="BadFileException">The file or a row cannot be read; the message names the row.</exception>
    public static IEnumerable<(RowPlace Place, ReadOnlyMemory<byte> Json)> Read(string path, IReadOnlySet<string>? columns = null)
    {
        using var stream = Open(path);
        if (First(stream, path) is 'P') return ParquetTaskRows.Read(path, columns);
        return First(stream, path) is '[' ? Array(path) : JsonLines.Read(path, Open(path)).Select(line => (new RowPlace(path, line.Number, true), line.Line));
    }

    /// <summary>The bytes of a file, unpacked.</summary>
    public static Stream Open(string path)
    {
        var file = DataFile.Open(path);
        Span<byte> magic = stackalloc byte[2];
        var read = file.ReadAtLeast(magic, 2, throwOnEndOfStream: false);
        file.Position = 0;
        if (read < 2 || magic[0] != 0x1f || magic[1] != 0x8b) return file;
        using (file) return Unpack(file, path);
    }

    private static MemoryStream Unpack(FileStream file, string path)
    {
        var unpacked = new MemoryStream();
        try
        {
            using var packed = new GZipStream(file, CompressionMode.Decompress, leaveOpen: true);
            packed.CopyTo(unpacked);
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            throw new BadFileException(path, null, $"cannot be unpacked as gzip: {error.Message.TrimEnd('.')}", error);
        }
        CheckLength(file, path, unpacked.Length);
        unpacked.Position = 0;
        return unpacked;
    }

    /// <summary>A file that was cut off unpacks without a word; its last four bytes, which should be the length, are not.</summary>
    private static void CheckLength(FileStream file, string path, long unpacked)
    {
        Span<byte> length = stackalloc byte[4];
        file.Position = file.Length - length.Length;
        file.ReadExactly(length);
        // Of several members the last one's length is there, which is less.
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) > unpacked)
            throw new BadFileException(path, null, "cannot be unpacked as gzip: it is cut off; was it downloaded to its end?");
    }

    private static int First(Stream stream, string path)
    {
        stream.Position = 0;
        for (; ; )
        {
            var next = InputFile.Guard(path, stream.ReadByte);
            if (next is not (' ' or '\t' or '\r' or '\n' or 0xef or 0xbb or 0xbf)) return next;
        }
    }

    private static IEnumerable<(RowPlace Place, ReadOnlyMemory<byte> Json)> Array(string path)
    {
        using var document = ParseArray(path);
        var number = 0;
        foreach (var element in document.RootElement.EnumerateArray())
            yield return (new RowPlace(path, ++number, IsLine: false), System.Text.Encoding.UTF8.GetBytes(element.GetRawText()));
    }

    private static JsonDocument ParseArray(string path)
    {
        try
        {
            using var stream = Open(path);
            return JsonDocument.Parse(stream);
        }
        catch (JsonException error)
        {
            throw new BadFileException(path, $"line {error.LineNumber + 1}", "is no JSON array of objects", error);
        }
    }
}
