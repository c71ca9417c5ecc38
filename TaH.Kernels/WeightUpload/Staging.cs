using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>One thread's host memory on the way to a device: reserve, fill, send, and again.</summary>
internal abstract class Staging : IDisposable
{
    /// <summary>The kind that suits a device.</summary>
    /// <param name="device">Where the bytes go.</param>
    /// <param name="capacity">Bytes of the largest piece.</param>
    public static Staging Create(ComputeDevice device, int capacity) =>
        device.Accelerator is CudaAccelerator ? new PinnedStaging(device, capacity) : new PlainStaging(device, capacity);

    /// <summary>Memory to fill; waits until what was sent before has left it.</summary>
    public abstract Span<byte> Reserve(int length);

    /// <summary>Starts the way of what was filled in to a place in a matrix.</summary>
    public abstract void Send(WeightMatrix matrix, long offset, int length);

    /// <summary>Waits until everything has arrived.</summary>
    public abstract void Flush();

    /// <inheritdoc/>
    public abstract void Dispose();
}
