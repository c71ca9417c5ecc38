namespace TaH.Engine;

/// <summary>What saving a checkpoint asks of the file system; tests put one in its place that is full, or dies.</summary>
internal class SavingDisk
{
    /// <summary>Creates a file that can be written and sought in.</summary>
    public virtual Stream Create(string path) => new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 20);

    /// <summary>Brings everything that was written to the disk.</summary>
    public virtual void Flush(Stream file)
    {
        if (file is FileStream stream) stream.Flush(flushToDisk: true);
    }

    /// <summary>Renames a file or a directory.</summary>
    public virtual void Move(string from, string to)
    {
        if (Directory.Exists(from)) Directory.Move(from, to);
        else File.Move(from, to);
    }

    /// <summary>Makes a directory, and those above it.</summary>
    public virtual void MakeDirectory(string path) => Directory.CreateDirectory(path);

    /// <summary>Removes a file, or a directory with all that is in it; nothing where there is neither.</summary>
    public virtual void Delete(string path)
    {
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        else File.Delete(path);
    }
}
