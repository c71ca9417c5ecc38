using ILGPU.Runtime.Cuda;
using static TaH.Kernels.CudaDriver;

namespace TaH.Tests;

/// <summary>How long launches take as a recorded graph, by the card's own clock.</summary>
internal static class GraphTimer
{
    private const int WarmUps = 2;

    /// <summary>Microseconds of one replay: the median.</summary>
    /// <param name="device">A CUDA device.</param>
    /// <param name="launches">Runs once before, so that nothing is left to compile or to allocate.</param>
    /// <param name="samples">Replays that count.</param>
    public static double Median(ComputeDevice device, Action launches, int samples)
    {
        launches();
        using var graph = CudaGraph.Record(device, launches);
        var stream = ((CudaStream)device.Accelerator.DefaultStream).StreamPtr;
        Check(cuEventCreate(out var start, 0));
        Check(cuEventCreate(out var end, 0));
        var times = new List<double>();
        for (var i = 0; i < samples + WarmUps; i++)
        {
            Check(cuEventRecord(start, stream));
            graph.Launch();
            Check(cuEventRecord(end, stream));
            Check(cuEventSynchronize(end));
            Check(cuEventElapsedTime(out var milliseconds, start, end));
            if (i >= WarmUps) times.Add(1000.0 * milliseconds);
        }
        Check(cuEventDestroy_v2(start));
        Check(cuEventDestroy_v2(end));
        times.Sort();
        return times[times.Count / 2];
    }
}
