namespace TaH.Engine;

/// <summary>Keeps other threads and processes, huggingface_hub's among them, from writing the same blob.</summary>
internal static class BlobLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until nobody else holds the lock; disposing the stream lets it go, and so does the end of the process.</summary>
    /// <remarks>An unshared open is flock(LOCK_EX) on Unix, which is what Python's filelock takes. The file stays: removing it would race.</remarks>
    public static async Task<FileStream> AcquireAsync(string path, TimeProvider clock, CancellationToken cancel)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException error) when (IsHeld(error))
            {
                await Task.Delay(Poll, clock, cancel);
            }
        }
    }

    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION; EWOULDBLOCK of Linux and of macOS.
    private static bool IsHeld(IOException error) =>
        OperatingSystem.IsWindows() ? (error.HResult & 0xFFFF) is 32 or 33 : error.HResult is 11 or 35;
}
