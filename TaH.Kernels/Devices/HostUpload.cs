using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>Brings small pieces of host memory to a device again and again. The caller may reuse its memory at once; on CUDA nobody waits.</summary>
/// <param name="device">Where the memory is.</param>
/// <param name="maxBytes">Bytes of the largest piece.</param>
internal sealed class HostUpload(ComputeDevice device, int maxBytes) : IDisposable
{
    private readonly PinnedRing? _ring = device.Accelerator is CudaAccelerator ? new PinnedRing(device, maxBytes) : null;

    /// <summary>
    /// Copies, behind every launch so far and before every later one; if a pass has begun, small pieces go with it (<see cref="HostLetter"/>).
    /// </summary>
    /// <param name="source">At most as long as the target, and as the largest piece.</param>
    /// <param name="target">Its beginning is written.</param>
    public void Copy<T>(ReadOnlySpan<T> source, ArrayView<T> target) where T : unmanaged
    {
        if (source.Length == 0) return;
        ShapeException.ThrowIfShorter(target, source.Length, nameof(target));
        var bytes = MemoryMarshal.AsBytes(source);
        if (device.Letter is { IsOpen: true } letter && letter.TryAdd((ulong)target.LoadEffectiveAddressAsPtr(), bytes)) return;
        // ILGPU's CopyFromCPU waits until the memory has been read.
        if (_ring is null) target.SubView(0, source.Length).CopyFromCPU(device.Accelerator.DefaultStream, source);
        else _ring.Copy((ulong)target.LoadEffectiveAddressAsPtr(), bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => _ring?.Dispose();
}
