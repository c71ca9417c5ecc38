using ILGPU.Runtime.Cuda;
using static TaH.Kernels.CudaDriver;

namespace TaH.Kernels;

/// <summary>
/// Host memory that the card copies from in its own time: a few slots in turn, each used again only when the card has fetched what it held.
/// </summary>
internal sealed unsafe class PinnedRing : IDisposable
{
    private const int Slots = 8;
    private const uint WithoutTimes = 2; // CU_EVENT_DISABLE_TIMING

    private readonly ComputeDevice _device;
    private readonly IntPtr _stream;
    private readonly IntPtr[] _events = new IntPtr[Slots];
    private readonly int _slotBytes;
    private readonly IntPtr _memory;
    private int _next;

    /// <summary>Allocates the slots.</summary>
    /// <param name="device">A CUDA device.</param>
    /// <param name="slotBytes">Bytes of the largest copy.</param>
    public PinnedRing(ComputeDevice device, int slotBytes)
    {
        _device = device;
        device.Accelerator.Bind();
        _stream = ((CudaStream)device.Accelerator.DefaultStream).StreamPtr;
        _slotBytes = slotBytes;
        Check(cuMemHostAlloc(out _memory, (nuint)Slots * (nuint)slotBytes, 0));
        for (var i = 0; i < Slots; i++) Check(cuEventCreate(out _events[i], WithoutTimes));
    }

    /// <summary>Queues a copy to device memory; the caller may reuse its memory at once.</summary>
    /// <param name="target">Where the bytes go.</param>
    /// <param name="source">At most a slot.</param>
    public void Copy(ulong target, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, _slotBytes);
        _device.Accelerator.Bind();
        var slot = _next;
        _next = (_next + 1) % Slots;
        Check(cuEventSynchronize(_events[slot])); // an event that was never recorded is over
        var staging = (byte*)_memory + ((long)slot * _slotBytes);
        source.CopyTo(new Span<byte>(staging, source.Length));
        Check(cuMemcpyHtoDAsync_v2(target, staging, (nuint)source.Length, _stream));
        Check(cuEventRecord(_events[slot], _stream));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Accelerator.Bind();
        Check(cuStreamSynchronize(_stream));
        foreach (var copied in _events) Check(cuEventDestroy_v2(copied));
        Check(cuMemFreeHost(_memory));
    }
}
