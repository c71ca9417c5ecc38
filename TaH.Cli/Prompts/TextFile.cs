using System.Text;

namespace TaH.Cli;

/// <summary>Text files that the user names.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole text of a file.</summary>
    /// <exception cref="BadFileException">It cannot be read, or is not UTF-8.</exception>
    public static string Read(string path)
    {
        using var reader = Open(path);
        return Guard(path, reader.ReadToEnd);
    }

    /// <summary>Its lines without those that are blank.</summary>
    /// <exception cref="BadFileException">It cannot be read, or is not UTF-8.</exception>
    public static IReadOnlyList<(int Number, string Text)> ReadLines(string path) =>
        [.. Read(path).Split('\n').Select((line, index) => (index + 1, line.TrimEnd('\r'))).Where(line => !string.IsNullOrWhiteSpace(line.Item2))];

    /// <summary>A reader of a file that throws where bytes are not UTF-8.</summary>
    public static StreamReader Open(string path) => Guard(path, () => Directory.Exists(path)
        ? throw new BadFileException(path, null, "is a directory, not a file")
        : new StreamReader(path, Strict));

    /// <summary>Runs what reads from a file and turns the system's complaints into a sentence about the file.</summary>
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
        catch (DecoderFallbackException error)
        {
            throw new BadFileException(path, null, "is not text in UTF-8", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BadFileException(path, null, $"cannot be read: {error.Message.TrimEnd('.')}", error);
        }
    }
}
