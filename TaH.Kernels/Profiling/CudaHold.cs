using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// Holds a card's stream back until the host has queued launches behind it, so that each finds the next one waiting, as in a recorded graph. Without
/// it a kernel shorter than its own launch would seem as long as that.
/// </summary>
internal sealed unsafe class CudaHold : IDisposable
{
    // Far longer than queueing a pass takes; whoever waits for the device meanwhile loses no more than this.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly AcceleratorStream _stream;
    private readonly Action<AcceleratorStream, KernelConfig, ulong, uint, ulong> _wait;
    private readonly Action<AcceleratorStream, KernelConfig, ulong> _nothing;
    private readonly IntPtr _word; // in host memory that the card reads
    private uint _turn;

    public CudaHold(ComputeDevice device)
    {
        _stream = device.Accelerator.DefaultStream;
        var one = new KernelSpecialization(1, null);
        _wait = PtxLoader.Load(device, ((Action<ulong, uint, ulong>)Wait).Method, one)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, uint, ulong>>();
        _nothing = PtxLoader.Load(device, ((Action<ulong>)Nothing).Method, one).CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong>>();
        const uint Mapped = 2; // CU_MEMHOSTALLOC_DEVICEMAP
        CudaDriver.Check(CudaDriver.cuMemHostAlloc(out _word, sizeof(uint), Mapped));
        Volatile.Write(ref *(uint*)_word, 0);
    }

    /// <summary>What comes behind this in the stream waits for <see cref="Release"/>.</summary>
    public void Begin() => _wait(_stream, (1, 1), (ulong)_word, ++_turn, (ulong)Patience.TotalNanoseconds);

    /// <summary>Lets it run.</summary>
    public void Release() => Volatile.Write(ref *(uint*)_word, _turn);

    /// <summary>A launch whose kernel does nothing.</summary>
    public void LaunchNothing() => _nothing(_stream, (1, 1), 0);

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        _stream.Synchronize();
        CudaDriver.Check(CudaDriver.cuMemFreeHost(_word));
    }

    internal static void Nothing(ulong unused)
    {
    }

    /// <summary>One thread that waits.</summary>
    internal static void Wait(ulong word, uint turn, ulong patience) => PtxInstructions.WaitForHost(word, turn, patience);
}
