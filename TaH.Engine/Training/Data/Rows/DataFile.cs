namespace TaH.Engine;

/// <summary>Files of rows: opened, told apart, and read to the end.</summary>
internal static class DataFile
{
    private static ReadOnlySpan<byte> ParquetMagic => "PAR1"u8;

    /// <summary>The rows of a file, JSON lines or Parquet by its first bytes, as they are read.</summary>
    /// <exception cref="BadFileException">The file or one of its rows cannot be used.</exception>
    public static IEnumerable<TrainingRow> Rows(string path) => IsParquet(path) ? ParquetRows.Read(path) : JsonRows.Read(path);

    /// <summary>How many rows a file has, without looking into them.</summary>
    /// <exception cref="BadFileException">The file cannot be read.</exception>
    public static long Count(string path) => IsParquet(path) ? ParquetRows.Count(path) : JsonLines.Read(path).LongCount();

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="BadFileException">It is not there, is no file, or cannot be read.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path)) throw new BadFileException(path, null, "is a directory; name a file of rows");
        if (WaitingFile.IsAt(path)) throw new BadFileException(path, null, "is a pipe or a terminal; data is read from files");
        return Guard(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16));
    }

    /// <summary>Turns what reading may throw into one sentence.</summary>
    public static T Guard<T>(string path, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadFileException(path, null, "is not there", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadFileException(path, null, $"cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }

    private static bool IsParquet(string path)
    {
        using var file = Open(path);
        Span<byte> magic = stackalloc byte[ParquetMagic.Length];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(ParquetMagic);
    }
}
