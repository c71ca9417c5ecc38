using System.Diagnostics;
using System.Runtime.InteropServices;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>Sums over the cards of several processes, by NCCL.</summary>
/// <remarks>
/// NCCL works in the card's primary context, ILGPU in one of its own. So a piece at a time is copied into memory of the primary context, summed there
/// and copied back; at the memory's rate that is little beside the way between cards.
/// </remarks>
public sealed class NcclSum : IDisposable
{
    private const long PieceElements = 16L << 20; // 64 MiB
    private const int IsNotReady = 600; // CUDA_ERROR_NOT_READY

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100); // between looks at the other ranks

    private readonly ComputeDevice _device;
    private readonly CudaAccelerator _accelerator;
    private readonly PrimaryContext _context;
    private readonly IntPtr _stream;
    private readonly ulong _piece;
    private IntPtr _communicator;

    private NcclSum(ComputeDevice device, CudaAccelerator accelerator, PrimaryContext context, IntPtr communicator)
    {
        (_device, _accelerator, _context, _communicator) = (device, accelerator, context, communicator);
        using var scope = context.Enter();
        CudaDriver.Check(CudaDriver.cuStreamCreate(out _stream, flags: 1)); // CU_STREAM_NON_BLOCKING
        CudaDriver.Check(CudaDriver.cuMemAlloc_v2(out _piece, (nuint)(PieceElements * sizeof(float))));
    }

    /// <summary>A new run's identity, made by rank 0 and handed to the others.</summary>
    /// <exception cref="NcclException">NCCL is not there, or fails.</exception>
    public static unsafe byte[] NewId()
    {
        RequireLibrary();
        NcclId id;
        NcclLibrary.Check(NcclLibrary.ncclGetUniqueId(&id));
        return new ReadOnlySpan<byte>(id.Values, NcclId.Bytes).ToArray();
    }

    /// <summary>Bytes of an identity.</summary>
    public static int IdBytes => NcclId.Bytes;

    /// <summary>Joins the other ranks; returns when all are there.</summary>
    /// <param name="device">A card of this process alone.</param>
    /// <param name="id">From <see cref="NewId"/> of rank 0.</param>
    /// <param name="rank">Of this process.</param>
    /// <param name="worldSize">Of how many.</param>
    /// <param name="look">Called from time to time while waiting; throws if another rank is gone.</param>
    /// <exception cref="NcclException">NCCL is not there, or fails.</exception>
    public static NcclSum Join(ComputeDevice device, byte[] id, int rank, int worldSize, Action look)
    {
        RequireLibrary();
        if (device.Accelerator is not CudaAccelerator accelerator) throw new NotSupportedException($"NCCL sums on NVIDIA cards; this device is {device.Info.Name}");
        var context = new PrimaryContext(accelerator);
        // On a thread of its own: it returns only when all ranks have come, and one may never come.
        var joining = Task.Run(() =>
        {
            using var scope = context.Enter();
            NcclLibrary.Check(NcclLibrary.ncclCommInitRank(out var communicator, worldSize, MemoryMarshal.Read<NcclId>(id), rank));
            return communicator;
        });
        while (Task.WaitAny([joining], Pause) < 0) look();
        try
        {
            return new NcclSum(device, accelerator, context, joining.GetAwaiter().GetResult());
        }
        catch
        {
            context.Dispose();
            throw;
        }
    }

    /// <summary>Every element becomes the sum over all ranks; all ranks get the same bits. Waits for the device.</summary>
    /// <param name="values">Of one length everywhere.</param>
    /// <param name="look">Called from time to time while waiting; throws if another rank is gone.</param>
    /// <exception cref="NcclException">NCCL fails.</exception>
    public void Run(Floats values, Action look)
    {
        if (values.Length == 0) return;
        _device.Synchronize();
        try
        {
            using var scope = _context.Enter();
            Enqueue(values);
            Wait(look);
        }
        catch
        {
            Abort();
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Aborting waits for nobody, and behind a sum that has ended everywhere nothing is left that it could lose.</remarks>
    public void Dispose()
    {
        Abort();
        using (_context.Enter())
        {
            CudaDriver.cuMemFree_v2(_piece);
            CudaDriver.cuStreamDestroy_v2(_stream);
        }
        _context.Dispose();
    }

    private static void RequireLibrary()
    {
        if (!DriverLibraries.Has("nccl"))
            throw new NcclException(
                "libnccl.so.2 was not found; install NCCL (Debian and Ubuntu: libnccl2; or pip install nvidia-nccl-cu12) and name its folder in LD_LIBRARY_PATH");
    }

    private void Enqueue(Floats values)
    {
        var start = (ulong)values.LoadEffectiveAddressAsPtr();
        for (var done = 0L; done < values.Length; done += PieceElements)
        {
            var count = Math.Min(PieceElements, values.Length - done);
            var (place, bytes) = (start + (ulong)(done * sizeof(float)), (nuint)(count * sizeof(float)));
            CudaDriver.Check(CudaDriver.cuMemcpyPeerAsync(_piece, _context.Handle, place, _accelerator.NativePtr, bytes, _stream));
            NcclLibrary.Check(NcclLibrary.ncclAllReduce(_piece, _piece, (nuint)count, NcclLibrary.Float32, NcclLibrary.Sum, _communicator, _stream));
            CudaDriver.Check(CudaDriver.cuMemcpyPeerAsync(place, _accelerator.NativePtr, _piece, _context.Handle, bytes, _stream));
        }
    }

    private void Wait(Action look)
    {
        var clock = Stopwatch.StartNew();
        while ((int)CudaDriver.cuStreamQuery(_stream) is var status and not 0)
        {
            if (status != IsNotReady) CudaDriver.Check((CudaError)status);
            if (clock.Elapsed < Pause)
            {
                Thread.Yield();
                continue;
            }
            NcclLibrary.Check(NcclLibrary.ncclCommGetAsyncError(_communicator, out var failure));
            NcclLibrary.Check(failure);
            look();
            clock.Restart();
        }
    }

    private void Abort()
    {
        if (_communicator == IntPtr.Zero) return;
        using var scope = _context.Enter();
        NcclLibrary.ncclCommAbort(_communicator);
        _communicator = IntPtr.Zero;
    }
}
