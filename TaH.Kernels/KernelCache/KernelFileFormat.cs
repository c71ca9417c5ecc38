using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace TaH.Kernels;

/// <summary>
/// A kernel's file: a mark, the key's text, the sizes, the source, and the SHA-256 of all that stands before it. Strings are UTF-8 behind their
/// length, numbers little-endian.
/// </summary>
internal static class KernelFileFormat
{
    // The last byte counts the changes of this format.
    private static readonly byte[] Mark = [.. "TaH kernel "u8, 1];

    public static byte[] Write(KernelKey key, KernelText text)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream, Encoding.UTF8);
        writer.Write(Mark);
        writer.Write(key.Text);
        writer.Write(text.SharedBytes);
        writer.Write(text.HasDynamicSharedMemory);
        writer.Write(text.Source);
        writer.Flush();
        writer.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Reads a file; whatever its bytes are, the answer is the kernel of this key or a reason why it is not in there, else "".</summary>
    public static bool TryRead(byte[] bytes, KernelKey key, [NotNullWhen(true)] out KernelText? text, out string fault)
    {
        text = null;
        using var reader = Open(bytes, out fault);
        if (reader is null) return false;
        if (reader.ReadString() != key.Text)
        {
            fault = "holds another kernel than its name says";
            return false;
        }
        var (shared, dynamic) = (reader.ReadInt32(), reader.ReadBoolean());
        text = new KernelText(reader.ReadString(), shared, dynamic);
        return true;
    }

    /// <summary>The text of the key that a file was written for; null if it is damaged.</summary>
    public static string? KeyOf(byte[] bytes)
    {
        using var reader = Open(bytes, out _);
        return reader?.ReadString();
    }

    /// <summary>A reader behind the mark of a file that is as it was written.</summary>
    private static BinaryReader? Open(byte[] bytes, out string fault)
    {
        var body = bytes.Length - SHA256.HashSizeInBytes;
        fault = !bytes.AsSpan().StartsWith(Mark) ? "is not a kernel of this program's format"
            : body < Mark.Length || !SHA256.HashData(bytes.AsSpan(0, body)).AsSpan().SequenceEqual(bytes.AsSpan(body)) ? "is damaged"
            : "";
        return fault.Length == 0 ? new BinaryReader(new MemoryStream(bytes, Mark.Length, body - Mark.Length), Encoding.UTF8) : null;
    }
}
