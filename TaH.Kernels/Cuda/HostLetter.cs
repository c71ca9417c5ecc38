using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using static TaH.Kernels.CudaDriver;

namespace TaH.Kernels;

/// <summary>
/// Small pieces of host memory that go to the card with a pass: the pass's first kernel reads them where the host has put them, in one trip, which is
/// sooner there than copies in front of it and costs the host nothing.
/// </summary>
internal sealed unsafe class HostLetter : IDisposable
{
    /// <summary>Threads of the kernel's only group; each brings up to two words.</summary>
    public const int GroupSize = 128;

    private const uint Mapped = 2; // CU_MEMHOSTALLOC_DEVICEMAP; host and card know the memory by one address
    private const int LooksBetweenQuestions = 4096;
    private const int EntryBytes = 16; // where to, with the count of words in the lowest bits; the words

    private readonly ComputeDevice _device;
    private readonly IntPtr _memory;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, ulong>> _deliver;
    private int _written;
    private int _longest;
    private int _sent;

    /// <summary>An empty letter.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    public HostLetter(ComputeDevice device)
    {
        _device = device;
        device.Accelerator.Bind();
        // Behind the entries, the number of the letter, and that of the last one that the card has read.
        Check(cuMemHostAlloc(out _memory, (GroupSize + 1) * EntryBytes, Mapped));
        new Span<byte>((void*)_memory, (GroupSize + 1) * EntryBytes).Clear();
        _deliver = new(() => PtxLoader.Load(device, Method, new KernelSpecialization(GroupSize, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong>>());
    }

    /// <summary>A letter, if the device is a card that takes its kernel.</summary>
    public static HostLetter? For(ComputeDevice device) =>
        device.Accelerator is CudaAccelerator && PtxLoader.Serves(device) ? new HostLetter(device) : null;

    /// <summary>The kernel.</summary>
    internal static System.Reflection.MethodInfo Method { get; } = ((Action<ulong>)Deliver).Method;

    /// <summary>Whether pieces are taken: from <see cref="Open"/> to <see cref="Send"/>.</summary>
    public bool IsOpen { get; private set; }

    private Span<ulong> Entries => new((void*)_memory, GroupSize * EntryBytes / sizeof(ulong));

    private int* Numbers => (int*)_memory + (GroupSize * EntryBytes / sizeof(int));

    /// <summary>Begins to take pieces, when the card has read those before.</summary>
    public void Open()
    {
        if (IsOpen) return;
        for (var looks = 1; Volatile.Read(ref Numbers[1]) != _sent; looks++)
        {
            // Whoever only looked would not notice that the card has failed.
            if (looks % LooksBetweenQuestions == 0) Ask();
            Thread.SpinWait(1);
        }
        (IsOpen, _written) = (true, 0);
    }

    /// <summary>Takes a piece, if there is room.</summary>
    /// <param name="target">Where it goes, a multiple of 4.</param>
    /// <param name="source">Whole words.</param>
    public bool TryAdd(ulong target, ReadOnlySpan<byte> source)
    {
        var words = MemoryMarshal.Cast<byte, uint>(source);
        if (!IsOpen || source.Length % sizeof(uint) != 0 || _written + ((words.Length + 1) / 2) > GroupSize) return false;
        for (; words.Length > 0; words = words[Math.Min(2, words.Length)..], target += 2 * sizeof(uint))
        {
            var count = Math.Min(2, words.Length);
            Entries[2 * _written] = target + (ulong)count;
            Entries[(2 * _written++) + 1] = words[0] | (count > 1 ? (ulong)words[1] << 32 : 0);
        }
        return true;
    }

    /// <summary>Closes the letter; the next launch of <see cref="QueueDelivery"/> brings it.</summary>
    public void Send()
    {
        for (var entry = _written; entry < _longest; entry++) Entries[2 * entry] = 0;
        (IsOpen, _longest) = (false, Math.Max(_longest, _written));
        Volatile.Write(ref Numbers[0], ++_sent);
    }

    /// <summary>Queues the kernel, in front of everything that reads the pieces.</summary>
    public void QueueDelivery() => _deliver.Value(_device.Accelerator.DefaultStream, (1, GroupSize), (ulong)_memory);

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Synchronize();
        _device.Accelerator.Bind();
        Check(cuMemFreeHost(_memory));
    }

    /// <summary>Lets no kernel behind it start before its end: they read the pieces without waiting.</summary>
    private static void Deliver(ulong letter)
    {
        PtxInstructions.WaitForPrevious();
        var entry = PtxInstructions.LoadWordAhead(letter + ((ulong)Group.IdxX * EntryBytes));
        var number = PtxInstructions.LoadIntAhead(letter + (GroupSize * EntryBytes));
        var target = entry.A | ((ulong)entry.B << 32);
        var count = (int)(target & 3ul);
        target -= (ulong)count;
        if (count > 0) PtxInstructions.StoreUInt(target, entry.C);
        if (count > 1) PtxInstructions.StoreUInt(target + sizeof(uint), entry.D);
        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (Group.IdxX == 0) PtxInstructions.StoreToHost(letter + (GroupSize * EntryBytes), number, number);
    }

    private void Ask()
    {
        const CudaError NotReady = (CudaError)600;
        _device.Accelerator.Bind();
        var status = cuStreamQuery(((CudaStream)_device.Accelerator.DefaultStream).StreamPtr);
        if (status == NotReady) return;
        Check(status);
        if (Volatile.Read(ref Numbers[1]) != _sent) throw new InvalidOperationException("the card has finished without reading what it was sent");
    }
}
