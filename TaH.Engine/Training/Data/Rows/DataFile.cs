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
    public static FileStream Open(string path) => InputFile.Open(path, "rows");

    private static bool IsParquet(string path)
    {
        using var file = Open(path);
        Span<byte> magic = stackalloc byte[ParquetMagic.Length];
        return file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) == magic.Length && magic.SequenceEqual(ParquetMagic);
    }
}
