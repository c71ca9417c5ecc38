using ILGPU.Runtime.Cuda;
using static TaH.Kernels.CudaDriver;

namespace TaH.Kernels;

/// <summary>
/// A sequence of launches that was recorded once and is handed to the card as a whole. Kernels that wait themselves
/// (<see cref="PtxInstructions.WaitForPrevious"/>) may start before the kernel in front has ended.
/// </summary>
internal sealed unsafe class CudaGraph : IDisposable
{
    private const int RelaxedCapture = 2; // CU_STREAM_CAPTURE_MODE_RELAXED
    private const int KernelNode = 0; // CU_GRAPH_NODE_TYPE_KERNEL

    private readonly ComputeDevice _device;
    private readonly IntPtr _executable;

    private CudaGraph(ComputeDevice device, IntPtr executable) => (_device, _executable) = (device, executable);

    /// <summary>Records launches; nothing runs. They must have run before, so that nothing is left to compile or to allocate.</summary>
    /// <param name="device">A CUDA device.</param>
    /// <param name="launches">Queues work on the device's stream, and does nothing that waits for it.</param>
    /// <exception cref="CudaDriverException">The driver refuses what was recorded.</exception>
    public static CudaGraph Record(ComputeDevice device, Action launches)
    {
        device.Accelerator.Bind();
        var stream = StreamOf(device);
        Check(cuStreamBeginCapture_v2(stream, RelaxedCapture));
        IntPtr graph;
        CudaError ended;
        try
        {
            launches();
        }
        finally
        {
            // A capture has to be ended whatever happened; where the launches threw, their exception is the one to see.
            ended = cuStreamEndCapture(stream, out graph);
        }
        Check(ended);
        try
        {
            LetKernelsStartEarly(graph, device);
            Check(cuGraphInstantiateWithFlags(out var executable, graph, flags: 0));
            return new CudaGraph(device, executable);
        }
        finally
        {
            Check(cuGraphDestroy(graph));
        }
    }

    /// <summary>Queues all of it.</summary>
    public void Launch()
    {
        _device.Accelerator.Bind();
        Check(cuGraphLaunch(_executable, StreamOf(_device)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Accelerator.Bind();
        Check(cuGraphExecDestroy(_executable));
    }

    private static IntPtr StreamOf(ComputeDevice device) => ((CudaStream)device.Accelerator.DefaultStream).StreamPtr;

    /// <summary>
    /// Recorded launches follow each other by edges that wait for the end. Between kernels, where the later one waits itself, the edge becomes
    /// programmatic.
    /// </summary>
    private static void LetKernelsStartEarly(IntPtr graph, ComputeDevice device)
    {
        nuint count = 0;
        Check(cuGraphGetEdges_v2(graph, null, null, null, ref count));
        if (count == 0) return;
        var (from, to, edges) = (new IntPtr[count], new IntPtr[count], new CudaGraphEdge[count]);
        fixed (IntPtr* froms = from, tos = to)
        fixed (CudaGraphEdge* kinds = edges)
        {
            Check(cuGraphGetEdges_v2(graph, froms, tos, kinds, ref count));
            var early = new CudaGraphEdge(FromPort: 1, ToPort: 0, Type: 1);
            for (nuint i = 0; i < count; i++)
            {
                if (FunctionOf(froms[i]) == IntPtr.Zero || !device.Kernels.WaitsItself(FunctionOf(tos[i]))) continue;
                Check(cuGraphRemoveDependencies_v2(graph, froms + i, tos + i, kinds + i, 1));
                Check(cuGraphAddDependencies_v2(graph, froms + i, tos + i, &early, 1));
            }
        }
    }

    /// <summary>What a node launches; zero if it is no kernel.</summary>
    private static IntPtr FunctionOf(IntPtr node)
    {
        Check(cuGraphNodeGetType(node, out var type));
        if (type != KernelNode) return IntPtr.Zero;
        CudaKernelNode parameters;
        Check(cuGraphKernelNodeGetParams_v2(node, &parameters));
        return parameters.Function;
    }
}
