namespace TaH.Cli;

/// <summary>A file that an option names to be written.</summary>
internal static class OutputFile
{
    /// <summary>Refuses a place that no file can be written to; before the work, not after it.</summary>
    /// <exception cref="UsageException">It is a directory, a device, standard output, or in a directory that is not there.</exception>
    public static void Check(string option, string path)
    {
        if (Directory.Exists(path)) throw new UsageException($"{option} {path} is a directory; name a file");
        var directory = Path.GetDirectoryName(Path.GetFullPath(path));
        if (directory is not null && !Directory.Exists(directory)) throw new UsageException($"{option} {path}: there is no directory {directory}");
        // A file may be written beside its place and then renamed; a device would turn into an ordinary file.
        if (OperatingSystem.IsLinux() && Path.GetFullPath(path).StartsWith("/dev/", StringComparison.Ordinal))
            throw new UsageException($"{option} {path} is a device; name a file");
        if (path == "-") throw new UsageException($"{option} - is no file; it cannot be written to standard output");
    }

    /// <summary>Writes text, in UTF-8.</summary>
    /// <exception cref="BadFileException">It cannot be written.</exception>
    public static void Write(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new BadFileException(path, null, $"cannot be written: {error.Message.TrimEnd('.')}", error);
        }
    }
}
