using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>
/// A card's primary context, which libraries on top of the CUDA runtime work in. ILGPU makes a context of its own, whose streams and modules they
/// cannot use and whose memory they do not see.
/// </summary>
internal sealed partial class PrimaryContext : IDisposable
{
    private const string Library = "cuda"; // found by DriverLibraries

    private readonly int _card;

    /// <summary>Takes hold of the context of the card that an accelerator runs on.</summary>
    public PrimaryContext(CudaAccelerator accelerator)
    {
        CudaDriver.Check(cuDeviceGet(out _card, accelerator.DeviceId));
        CudaDriver.Check(cuDevicePrimaryCtxRetain(out var handle, _card));
        Handle = handle;
    }

    /// <summary>The driver's handle.</summary>
    public IntPtr Handle { get; }

    /// <summary>Makes it the thread's context until what is returned is disposed of, whatever is made the thread's context in between.</summary>
    public Scope Enter()
    {
        CudaDriver.Check(cuCtxGetCurrent(out var outer));
        CudaDriver.Check(cuCtxSetCurrent(Handle));
        return new Scope(outer);
    }

    /// <inheritdoc/>
    public void Dispose() => cuDevicePrimaryCtxRelease_v2(_card);

    [LibraryImport(Library)]
    private static partial CudaError cuDeviceGet(out int device, int ordinal);

    [LibraryImport(Library)]
    private static partial CudaError cuDevicePrimaryCtxRetain(out IntPtr context, int device);

    [LibraryImport(Library)]
    private static partial CudaError cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Library)]
    private static partial CudaError cuCtxGetCurrent(out IntPtr context);

    [LibraryImport(Library)]
    private static partial CudaError cuCtxSetCurrent(IntPtr context);

    /// <summary>Until it is disposed of the thread is in the primary context.</summary>
    internal readonly ref struct Scope(IntPtr outer)
    {
        public void Dispose() => CudaDriver.Check(cuCtxSetCurrent(outer));
    }
}
