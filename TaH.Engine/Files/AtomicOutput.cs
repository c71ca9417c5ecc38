namespace TaH.Engine;

/// <summary>A file that comes to be when all of it is written: until then it stands beside its place under another name.</summary>
internal sealed class AtomicOutput : IDisposable
{
    private const int BufferSize = 1 << 20;

    private readonly string _path;
    private readonly string _temporary;
    private readonly FileStream _file;
    private bool _complete;

    /// <summary>Begins a file.</summary>
    /// <exception cref="BadFileException">It cannot be written there.</exception>
    public AtomicOutput(string path)
    {
        // Through a link to the file it means, so that the link stays one.
        _path = File.Exists(path) ? File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path : path;
        _temporary = TemporaryName(_path);
        _file = Guard(() => new FileStream(_temporary, FileMode.Create, FileAccess.ReadWrite, FileShare.None, BufferSize));
    }

    /// <summary>Where to write.</summary>
    public Stream Stream => _file;

    /// <summary>Writes a whole file.</summary>
    /// <exception cref="BadFileException">It cannot be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        using var output = new AtomicOutput(path);
        output.Guard(() => write(output.Stream));
        output.Complete();
    }

    /// <summary>What files are called that a killed process left unfinished.</summary>
    public static string UnfinishedPattern(string pattern) => pattern + ".*.tmp";

    /// <summary>What a file is called until it is whole.</summary>
    internal static string TemporaryName(string path) => $"{path}.{Environment.ProcessId}.tmp";

    /// <summary>Puts the file in its place.</summary>
    /// <exception cref="BadFileException">The disk is full, or the place cannot be written.</exception>
    public void Complete()
    {
        Guard(() =>
        {
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            File.Move(_temporary, _path, overwrite: true);
        });
        _complete = true;
    }

    /// <summary>Writes, and words what goes wrong.</summary>
    public void Guard(Action write) => Guard(() =>
    {
        write();
        return true;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_complete) return;
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // What the buffer still held is thrown away anyhow.
        }
        File.Delete(_temporary);
    }

    private T Guard<T>(Func<T> write)
    {
        try
        {
            return write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new BadFileException(_path, null, $"cannot be written: {error.Message.TrimEnd('.')}", error);
        }
    }
}
