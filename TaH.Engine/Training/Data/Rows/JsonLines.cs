namespace TaH.Engine;

/// <summary>The lines of a file, one at a time; no more of it is in memory than its longest line.</summary>
internal static class JsonLines
{
    private const int FirstBuffer = 1 << 16;
    private const int LongestLine = 256 << 20;

    /// <summary>Reads the lines that are not blank, each with its number.</summary>
    /// <returns>Bytes that hold until the next line is asked for.</returns>
    /// <exception cref="BadFileException">The file cannot be read, or a line has over 256 MiB.</exception>
    public static IEnumerable<(long Number, ReadOnlyMemory<byte> Line)> Read(string path) => Read(path, source: null);

    /// <inheritdoc cref="Read(string)"/>
    /// <param name="path">The file, for messages.</param>
    /// <param name="source">What is in it; closed in the end. Null opens the file.</param>
    public static IEnumerable<(long Number, ReadOnlyMemory<byte> Line)> Read(string path, Stream? source)
    {
        using var file = source ?? DataFile.Open(path);
        var buffer = new byte[FirstBuffer];
        var (start, end, number, isAtEnd) = (0, 0, 0L, false);
        while (true)
        {
            var length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            if (length < 0 && !isAtEnd)
            {
                if (start > 0) buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                if (end == buffer.Length) buffer = Grown(buffer, path, number + 1);
                var read = InputFile.Guard(path, () => file.Read(buffer, end, buffer.Length - end));
                (end, isAtEnd) = (end + read, read == 0);
                continue;
            }
            if (length < 0 && start == end) yield break;
            var line = buffer.AsMemory(start, length < 0 ? end - start : length);
            start = Math.Min(end, start + line.Length + 1);
            number++;
            if (number == 1 && line.Span.StartsWith("\uFEFF"u8)) line = line["\uFEFF"u8.Length..];
            if (line.Span.ContainsAnyExcept(" \t\r"u8)) yield return (number, line);
        }
    }

    private static byte[] Grown(byte[] buffer, string path, long number)
    {
        if (buffer.Length >= LongestLine)
            throw new RowPlace(path, number, IsLine: true).Error(null, "is longer than 256 MiB; is this a file of JSON lines?");
        Array.Resize(ref buffer, buffer.Length * 2);
        return buffer;
    }
}
