namespace TaH.Engine;

/// <summary>Files that a user names to be read: opened, and whatever the file system refuses worded the same everywhere.</summary>
internal static class InputFile
{
    private const int BufferSize = 1 << 16;

    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it holds, for the message where it is a directory or a pipe.</param>
    /// <exception cref="BadFileException">It is not there, is no file, or cannot be read.</exception>
    public static FileStream Open(string path, string kind)
    {
        if (Directory.Exists(path)) throw new BadFileException(path, null, $"is a directory; name a file of {kind}");
        if (WaitingFile.IsAt(path)) throw new BadFileException(path, null, $"is a pipe or a terminal; name a file of {kind}");
        return Guard(path, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, BufferSize));
    }

    /// <summary>The text of a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="kind">What it holds.</param>
    /// <exception cref="BadFileException">It is not there, is no file, or cannot be read.</exception>
    public static string ReadText(string path, string kind)
    {
        using var reader = new StreamReader(Open(path, kind));
        return Guard(path, reader.ReadToEnd);
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
            throw new BadFileException(path, null, "does not exist", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new BadFileException(path, null, $"cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
