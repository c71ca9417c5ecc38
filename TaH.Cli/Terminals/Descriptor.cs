using System.Runtime.InteropServices;

namespace TaH.Cli;

/// <summary>What the system says about the three standard streams, where .NET is silent.</summary>
internal static partial class Descriptor
{
    private const int GetFlags = 1; // F_GETFD, on every Unix
    private const int CloseOnExec = 1; // FD_CLOEXEC
    private const short ReaderIsGone = 0x18; // POLLERR | POLLHUP

    public const int Input = 0;
    public const int Output = 1;
    public const int Error = 2;

    /// <summary>
    /// Whether whoever started the program gave it this stream. Where a shell closed one (<c>&lt;&amp;-</c>), the number stands for whatever the
    /// runtime opened first, which must be neither read nor written. That is closed on exec, so it cannot be what the program was started with.
    /// </summary>
    public static bool IsGiven(int descriptor)
    {
        if (OperatingSystem.IsWindows()) return true;
        var flags = Flags(descriptor, GetFlags);
        return flags >= 0 && (flags & CloseOnExec) == 0;
    }

    /// <summary>Whether nobody will read what is written any more: .NET passes over a broken pipe without a word.</summary>
    public static bool IsBroken(int descriptor)
    {
        if (OperatingSystem.IsWindows()) return false;
        var poll = new Poll { Descriptor = descriptor };
        return Ask(ref poll, 1, 0) > 0 && (poll.Answer & ReaderIsGone) != 0;
    }

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int Flags(int descriptor, int command);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Ask(ref Poll poll, nuint count, int milliseconds);

    // struct pollfd
    private struct Poll
    {
        public int Descriptor;
        public short Question;
        public short Answer;
    }
}
