using System.IO.Compression;
using System.Runtime.InteropServices;

namespace TaH.Engine;

/// <summary>Writes what torch.save writes: a zip of stored entries, a pickle among them and one entry a storage.</summary>
internal static class TorchArchiveWriter
{
    // Zip knows no time before.
    private static readonly DateTimeOffset Earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a file.</summary>
    /// <param name="file">Where to; it must be able to seek.</param>
    /// <param name="name">The file's name without its ending; entries stand in a folder of that name.</param>
    /// <param name="root">What the pickle holds; its tensors name storages.</param>
    /// <param name="storages">[storages] the elements of each.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Write(Stream file, string name, object root, IReadOnlyList<float[]> storages)
    {
        using var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true);
        Add(zip, $"{name}/data.pkl", PickleWriter.Write(root));
        Add(zip, $"{name}/byteorder", "little"u8);
        for (var i = 0; i < storages.Count; i++)
            Add(zip, FormattableString.Invariant($"{name}/data/{i}"), MemoryMarshal.AsBytes(storages[i].AsSpan()));
        Add(zip, $"{name}/version", "3\n"u8);
    }

    private static void Add(ZipArchive zip, string name, ReadOnlySpan<byte> bytes)
    {
        var entry = zip.CreateEntry(name, CompressionLevel.NoCompression);
        // The same decider gives the same bytes, whenever it is saved.
        entry.LastWriteTime = Earliest;
        using var stream = entry.Open();
        stream.Write(bytes);
    }
}
