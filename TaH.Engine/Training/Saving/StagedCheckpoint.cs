namespace TaH.Engine;

/// <summary>The files of a checkpoint in the making: they stand apart until all of them are written, and then take their places together.</summary>
internal sealed class StagedCheckpoint : IDisposable
{
    private readonly SavingDisk _disk;
    private readonly CheckpointSwap _swap;
    private bool _complete;

    /// <summary>Begins a checkpoint.</summary>
    /// <param name="directory">Where it will be; made if it is not there.</param>
    /// <param name="disk">The file system.</param>
    public StagedCheckpoint(string directory, SavingDisk disk)
    {
        (_disk, _swap) = (disk, new CheckpointSwap(directory, disk));
        _swap.Recover();
        disk.MakeDirectory(_swap.Staged);
    }

    /// <summary>Writes a file.</summary>
    /// <param name="name">Its name; folders are parted by slashes.</param>
    /// <param name="write">Writes its bytes.</param>
    public void Write(string name, Action<Stream> write)
    {
        var path = Path.Combine(_swap.Staged, name);
        _disk.MakeDirectory(Path.GetDirectoryName(path)!);
        using var file = _disk.Create(path);
        write(file);
        _disk.Flush(file);
    }

    /// <summary>All files take their places.</summary>
    public void Complete()
    {
        _swap.Swap();
        _complete = true;
    }

    /// <summary>Where not everything was written, what was there before stays.</summary>
    public void Dispose()
    {
        if (_complete) return;
        try
        {
            _swap.Recover();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Whoever saves or trains here next tidies up.
        }
    }
}
