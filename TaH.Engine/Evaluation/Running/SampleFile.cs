namespace TaH.Engine;

/// <summary>The file that samples are added to as they finish. A process that is killed leaves whole lines and at most one torn one.</summary>
internal sealed class SampleFile : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>Opens the file and cuts off a torn line.</summary>
    /// <exception cref="BadFileException">It cannot be written, or another process writes it.</exception>
    public SampleFile(string path)
    {
        _path = path;
        _file = Guard(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 1));
        Guard(CutTornLine);
    }

    /// <summary>Adds a sample; it is on the disk when this returns.</summary>
    /// <exception cref="BadFileException">It cannot be written.</exception>
    public void Add(EvaluationSample sample)
    {
        var line = SampleLines.Line(sample);
        lock (_lock)
        {
            Guard(() =>
            {
                _file.Write(line);
                _file.Flush(flushToDisk: true);
                return true;
            });
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private bool CutTornLine()
    {
        var length = _file.Length;
        var buffer = new byte[1 << 16];
        while (length > 0)
        {
            var start = Math.Max(0, length - buffer.Length);
            _file.Position = start;
            var part = buffer.AsSpan(0, (int)(length - start));
            _file.ReadExactly(part);
            if (part.LastIndexOf((byte)'\n') is var end and >= 0)
            {
                length = start + end + 1;
                break;
            }
            length = start;
        }
        _file.SetLength(length);
        _file.Position = length;
        return true;
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            // An argument is out of range where a file may not grow any further.
            throw new BadFileException(_path, null, $"cannot be written: {error.Message.TrimEnd('.')}", error);
        }
    }
}
