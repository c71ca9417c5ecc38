using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>
/// The part of the CUDA driver's interface that ILGPU does not reach: graphs, events, tensor maps, attributes of functions, pinned memory.
/// </summary>
/// <remarks>Names and arguments as in <c>cuda.h</c>. Each call's status is handed to <see cref="Check"/>.</remarks>
internal static unsafe partial class CudaDriver
{
    private const string Library = "cuda"; // found by DriverLibraries

    /// <summary>Throws if a call failed.</summary>
    /// <exception cref="CudaDriverException">The status is not success.</exception>
    public static void Check(CudaError status, [CallerArgumentExpression(nameof(status))] string call = "")
    {
        if (status != CudaError.CUDA_SUCCESS) throw new CudaDriverException(status, call);
    }

    /// <summary>Lets a kernel be launched with more shared memory than the 48 KiB that any may have.</summary>
    public static void AllowDynamicShared(CudaKernel kernel, int bytes)
    {
        const int MaxDynamicSharedSizeBytes = 8; // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
        Check(cuFuncSetAttribute(kernel.FunctionPtr, MaxDynamicSharedSizeBytes, bytes));
    }

    [LibraryImport(Library)]
    public static partial CudaError cuStreamBeginCapture_v2(IntPtr stream, int mode);

    [LibraryImport(Library)]
    public static partial CudaError cuStreamEndCapture(IntPtr stream, out IntPtr graph);

    [LibraryImport(Library)]
    public static partial CudaError cuStreamCreate(out IntPtr created, uint flags);

    [LibraryImport(Library)]
    public static partial CudaError cuStreamDestroy_v2(IntPtr destroyed);

    [LibraryImport(Library)]
    public static partial CudaError cuStreamQuery(IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuStreamSynchronize(IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphInstantiateWithFlags(out IntPtr executable, IntPtr graph, ulong flags);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphUpload(IntPtr executable, IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphLaunch(IntPtr executable, IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphExecDestroy(IntPtr executable);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphDestroy(IntPtr graph);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphGetEdges_v2(IntPtr graph, IntPtr* from, IntPtr* to, CudaGraphEdge* edges, ref nuint count);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphRemoveDependencies_v2(IntPtr graph, IntPtr* from, IntPtr* to, CudaGraphEdge* edges, nuint count);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphAddDependencies_v2(IntPtr graph, IntPtr* from, IntPtr* to, CudaGraphEdge* edges, nuint count);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphNodeGetType(IntPtr node, out int type);

    [LibraryImport(Library)]
    public static partial CudaError cuGraphKernelNodeGetParams_v2(IntPtr node, CudaKernelNode* parameters);

    [LibraryImport(Library)]
    public static partial CudaError cuFuncSetAttribute(IntPtr function, int attribute, int value);

    [LibraryImport(Library)]
    public static partial CudaError cuFuncGetAttribute(out int value, int attribute, IntPtr function);

    [LibraryImport(Library)]
    public static partial CudaError cuEventCreate(out IntPtr created, uint flags);

    [LibraryImport(Library)]
    public static partial CudaError cuEventDestroy_v2(IntPtr destroyed);

    [LibraryImport(Library)]
    public static partial CudaError cuEventRecord(IntPtr recorded, IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuEventSynchronize(IntPtr awaited);

    [LibraryImport(Library)]
    public static partial CudaError cuEventQuery(IntPtr queried);

    [LibraryImport(Library)]
    public static partial CudaError cuEventElapsedTime(out float milliseconds, IntPtr start, IntPtr end);

    [LibraryImport(Library)]
    public static partial CudaError cuMemcpyHtoDAsync_v2(ulong target, void* source, nuint bytes, IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuMemcpyDtoHAsync_v2(void* target, ulong source, nuint bytes, IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuMemcpyPeerAsync(
        ulong target, IntPtr targetContext, ulong source, IntPtr sourceContext, nuint bytes, IntPtr stream);

    [LibraryImport(Library)]
    public static partial CudaError cuMemAlloc_v2(out ulong memory, nuint bytes);

    [LibraryImport(Library)]
    public static partial CudaError cuMemFree_v2(ulong memory);

    [LibraryImport(Library)]
    public static partial CudaError cuMemHostAlloc(out IntPtr memory, nuint bytes, uint flags);

    [LibraryImport(Library)]
    public static partial CudaError cuMemFreeHost(IntPtr memory);

    [LibraryImport(Library)]
    public static partial CudaError cuTensorMapEncodeTiled(
        void* map, int type, uint rank, ulong address, ulong* sizes, ulong* strides, uint* box, uint* elementStrides, int interleave, int swizzle,
        int promotion, int outOfBounds);
}

/// <summary>How one node of a graph waits for another: <c>CUgraphEdgeData</c>.</summary>
/// <param name="FromPort">0: the earlier node has ended; 1: all its groups have let their dependents start.</param>
/// <param name="ToPort">0.</param>
/// <param name="Type">0: plain; 1: programmatic, from port 1 only.</param>
[StructLayout(LayoutKind.Sequential, Size = 8)]
internal readonly record struct CudaGraphEdge(byte FromPort, byte ToPort, byte Type);

/// <summary>A graph's kernel launch: <c>CUDA_KERNEL_NODE_PARAMS_v2</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CudaKernelNode
{
    public IntPtr Function;
    public uint GridX, GridY, GridZ, BlockX, BlockY, BlockZ, SharedBytes;
    public IntPtr Parameters, Extra, Kernel, Context;
}

/// <summary>A call of the CUDA driver that failed.</summary>
internal sealed class CudaDriverException(CudaError status, string call) : Exception($"{status} from {call}");
