using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TaH.Engine;

/// <summary>Tells named pipes and terminals from files: opening the former would wait for somebody who may never write.</summary>
internal static partial class WaitingFile
{
    // O_RDONLY is 0 everywhere; the other two are numbered by each system.
    private const int NonBlockingOnLinux = 0x800;
    private const int CloseOnExecOnLinux = 0x8_0000;
    private const int NonBlockingOnMac = 0x4;
    private const int CloseOnExecOnMac = 0x100_0000;

    /// <summary>Whether a path can be opened and has no positions, as a named pipe has none. Never waits.</summary>
    public static bool IsAt(string path)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return false;
        var flags = OperatingSystem.IsLinux() ? NonBlockingOnLinux | CloseOnExecOnLinux : NonBlockingOnMac | CloseOnExecOnMac;
        using var handle = new SafeFileHandle(Open(Encoding.UTF8.GetBytes(path + '\0'), flags), ownsHandle: true);
        // What cannot be opened is left to those who say why.
        if (handle.IsInvalid) return false;
        using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
        return !stream.CanSeek;
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static partial IntPtr Open(byte[] path, int flags);
}
