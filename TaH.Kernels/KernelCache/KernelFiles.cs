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

    /// <summary>The keys' texts of a device's kernels, those that were asked for last first. What cannot be read is left out.</summary>
    /// <param name="deviceDirectory">See <see cref="KernelKey.DirectoryName"/>.</param>
    /// <param name="most">How many are wanted.</param>
    public IEnumerable<string> Recent(string deviceDirectory, int most)
    {
        List<FileInfo> files = [];
        Try(() => files.AddRange(new DirectoryInfo(Path.Combine(Root, deviceDirectory)).EnumerateFiles("*.kernel")));
        foreach (var file in files.OrderByDescending(file => file.LastWriteTimeUtc).Take(most))
        {
            string? key = null;
            Try(() => key = KernelFileFormat.KeyOf(File.ReadAllBytes(file.FullName)));
            if (key is not null) yield return key;
        }
    }

    /// <summary>Notes that a kernel was asked for.</summary>
    public void Touch(KernelKey key) => Try(() => File.SetLastWriteTimeUtc(PathOf(key), DateTime.UtcNow));

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
            Try(() => File.Delete(unfinished));
        }
    }

    private void MakeDirectory(string build)
    {
        if (Directory.Exists(build)) return;
        Directory.CreateDirectory(build);
        foreach (var other in new DirectoryInfo(Root).EnumerateDirectories())
            if (DateTime.UtcNow - other.LastWriteTimeUtc > Kept) Try(() => other.Delete(recursive: true));
    }

    /// <summary>Does what is of use but not needed; another process may have been faster, or the place may be read-only.</summary>
    private static void Try(Action useful)
    {
        try
        {
            useful();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Nothing depends on it: what is left over is tidied up by whoever comes next, what is not read ahead is read when it is needed.
        }
    }
}
