using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TaH.Kernels;

/// <summary>The part of NCCL's interface that sums need; the library is loaded by the first call.</summary>
/// <remarks>Names and arguments as in <c>nccl.h</c> of version 2.</remarks>
internal static unsafe partial class NcclLibrary
{
    public const int Float32 = 7; // ncclFloat32
    public const int Sum = 0; // ncclSum
    private const string Library = "nccl"; // found by DriverLibraries

    /// <summary>Throws if a call failed.</summary>
    /// <exception cref="NcclException">The status is not success.</exception>
    public static void Check(int status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status == 0) return;
        var last = Marshal.PtrToStringUTF8(ncclGetLastError(IntPtr.Zero))?.Trim() ?? string.Empty;
        var detail = last.Length > 0 ? $" ({last})" : string.Empty;
        throw new NcclException($"NCCL: {Marshal.PtrToStringUTF8(ncclGetErrorString(status))}{detail} from {call.Split('(')[0]}");
    }

    [LibraryImport(Library)]
    public static partial int ncclGetUniqueId(NcclId* id);

    [LibraryImport(Library)]
    public static partial int ncclCommInitRank(out IntPtr communicator, int ranks, NcclId id, int rank);

    [LibraryImport(Library)]
    public static partial int ncclAllReduce(ulong source, ulong target, nuint count, int type, int operation, IntPtr communicator, IntPtr stream);

    [LibraryImport(Library)]
    public static partial int ncclCommGetAsyncError(IntPtr communicator, out int status);

    [LibraryImport(Library)]
    public static partial int ncclCommAbort(IntPtr communicator);

    [LibraryImport(Library)]
    private static partial IntPtr ncclGetErrorString(int status);

    [LibraryImport(Library)]
    private static partial IntPtr ncclGetLastError(IntPtr communicator);
}

/// <summary>What tells the processes of a run from those of others: <c>ncclUniqueId</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NcclId
{
    public const int Bytes = 128;

    public fixed byte Values[Bytes];
}

/// <summary>NCCL is not there, or a call of it failed.</summary>
/// <param name="message">One sentence.</param>
public sealed class NcclException(string message) : Exception(message);
