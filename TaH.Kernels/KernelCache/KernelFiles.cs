using System.Diagnostics.CodeAnalysis;

namespace TaH.Kernels;

/// <summary>
/// Compiled kernels on disk, shared by processes: files appear whole or not at all, and one that is no good is as if it were not there.
/// </summary>
/// <param name="directory">The cache directory; kernels have a directory in it.</param>
/// <param name="fault">Hears what was wrong, a sentence each time.</param>
internal sealed class KernelFiles(string directory, Action<string> fault)
{
    // A build that nobody added a kernel to for so long is taken for gone.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);

    private bool _isReadOnly;

    /// <summary>Where kernels of all builds and devices are.</summary>
    public string Root { get; } = Path.Combine(directory, "kernels");

    /// <summary>A kernel's file.</summary>
    public string PathOf(KernelKey key) => Path.Combine(Root, key.DirectoryName, key.FileName);

    /// <summary>Reads a kernel.</summary>
    /// <returns>False if it is not there, or damaged, or another.</returns>
    public bool TryRead(KernelKey key, [NotNullWhen(true)] out KernelText? text)
    {
        text = null;
        var path = PathOf(key);
        try
        {
            if (!File.Exists(path)) return false;
            if (KernelFileFormat.TryRead(File.ReadAllBytes(path), key, out text, out var reason)) return true;
            fault($"{path} {reason}; compiled anew");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            fault($"{path} cannot be read ({exception.Message}); compiled anew");
        }
        return false;
    }

    /// <summary>Keeps a kernel. A directory that cannot be written to is no error: the first time it is a fault, then it is left alone.</summary>
    public void Write(KernelKey key, KernelText text)
    {
        if (_isReadOnly) return;
        var path = PathOf(key);
        var unfinished = $"{path}.{Guid.NewGuid():N}";
        try
        {
            MakeDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(unfinished, KernelFileFormat.Write(key, text));
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _isReadOnly = true;
            fault($"{Root} cannot be written to ({exception.Message}); kernels are not kept");
            Forget(() => File.Delete(unfinished));
        }
    }

    private void MakeDirectory(string build)
    {
        if (Directory.Exists(build)) return;
        Directory.CreateDirectory(build);
        foreach (var other in new DirectoryInfo(Root).EnumerateDirectories())
            if (DateTime.UtcNow - other.LastWriteTimeUtc > Kept) Forget(() => other.Delete(recursive: true));
    }

    /// <summary>Tries to tidy up; another process may have been faster.</summary>
    private static void Forget(Action tidy)
    {
        try
        {
            tidy();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What is left over is tidied up by whoever comes next.
        }
    }
}
