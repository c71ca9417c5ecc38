namespace TaH.Engine;

/// <summary>Opens the files of a checkpoint; whatever the file system refuses becomes a <see cref="CheckpointException"/>.</summary>
internal static class CheckpointFiles
{
    /// <summary>Opens a file for reading.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="name">How messages call it.</param>
    public static FileStream OpenRead(string path, string name)
    {
        if (Directory.Exists(path)) throw new CheckpointException(name, null, "is a directory, a file was expected");
        if (WaitingFile.IsAt(path)) throw new CheckpointException(name, null, "is a named pipe or a terminal, a file was expected");
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(name, null, "does not exist", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new CheckpointException(name, null, $"cannot be opened: {error.Message.TrimEnd('.')}", error);
        }
    }

    /// <summary>Reads a whole file that must not be longer than <paramref name="limit"/> bytes.</summary>
    public static byte[] ReadAll(string path, string name, int limit)
    {
        using var stream = OpenRead(path, name);
        try
        {
            if (stream.Length > limit)
            {
                throw new CheckpointException(name, null, $"has {Words.Grouped(stream.Length)} bytes, at most {Words.Grouped(limit)} are read");
            }

            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception error) when (error is IOException or NotSupportedException)
        {
            throw new CheckpointException(name, null, $"cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
