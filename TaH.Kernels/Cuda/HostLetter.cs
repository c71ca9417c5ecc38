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
    /// <summary>Threads of the largest of the kernel's groups.</summary>
    public const int MaxGroupSize = 1024;

    // Of two words each, for everything that small passes take along; the rows of a batch and its draws, 22 words each, have room besides.
    private const int FewRows = 8;
    private const int LeastEntries = 128;
    private const int EntriesOfRow = 11;
    private const int MostRows = 256;
    private const int MostEntries = LeastEntries + (EntriesOfRow * MostRows);

    private const uint Mapped = 2; // CU_MEMHOSTALLOC_DEVICEMAP; host and card know the memory by one address
    private const int LooksBetweenQuestions = 4096;
    private const int EntryBytes = 16; // where to, with the count of words in the lowest bits; the words

    private readonly ComputeDevice _device;
    private readonly IntPtr _memory;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, ulong, int>> _deliver;
    private int _room; // entries that the letter in hand may have
    private int _written;
    private int _filled; // entries behind these are empty
    private int _sent;

    /// <summary>An empty letter.</summary>
    /// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
    public HostLetter(ComputeDevice device)
    {
        _device = device;
        device.Accelerator.Bind();
        // Behind the entries, the number of the letter, and that of the last one that the card has read.
        Check(cuMemHostAlloc(out _memory, (MostEntries + 1) * EntryBytes, Mapped));
        new Span<byte>((void*)_memory, (MostEntries + 1) * EntryBytes).Clear();
        _deliver = new(() => PtxLoader.Load(device, Method, new KernelSpecialization(MaxGroupSize, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, int>>());
    }

    /// <summary>A letter, if the device is a card that takes its kernel.</summary>
    public static HostLetter? For(ComputeDevice device) =>
        device.Accelerator is CudaAccelerator && PtxLoader.Serves(device) ? new HostLetter(device) : null;

    /// <summary>The kernel.</summary>
    internal static System.Reflection.MethodInfo Method { get; } = ((Action<ulong, int>)Deliver).Method;

    /// <summary>Whether pieces are taken: from <see cref="Open"/> to <see cref="Send"/>.</summary>
    public bool IsOpen { get; private set; }

    private Span<ulong> Entries => new((void*)_memory, MostEntries * EntryBytes / sizeof(ulong));

    private int* Numbers => (int*)_memory + (MostEntries * EntryBytes / sizeof(int));

    /// <summary>Words that a letter of a pass has room for.</summary>
    /// <param name="rows">Rows of the pass.</param>
    public static int WordsFor(int rows) => 2 * EntriesFor(rows);

    /// <summary>Begins to take pieces, when the card has read those before.</summary>
    /// <param name="rows">Rows of the pass that it comes with.</param>
    public void Open(int rows)
    {
        if (IsOpen) return;
        for (var looks = 1; Volatile.Read(ref Numbers[1]) != _sent; looks++)
        {
            // Whoever only looked would not notice that the card has failed.
            if (looks % LooksBetweenQuestions == 0) Ask();
            Thread.SpinWait(1);
        }
        (IsOpen, _written, _room) = (true, 0, EntriesFor(rows));
    }

    /// <summary>Takes a piece, if there is room.</summary>
    /// <param name="target">Where it goes, a multiple of 4.</param>
    /// <param name="source">Whole words.</param>
    public bool TryAdd(ulong target, ReadOnlySpan<byte> source)
    {
        var words = MemoryMarshal.Cast<byte, uint>(source);
        if (!IsOpen || source.Length % sizeof(uint) != 0 || _written + ((words.Length + 1) / 2) > _room) return false;
        var entries = Entries[(2 * _written)..];
        for (var i = 0; i < words.Length; i += 2, target += 2 * sizeof(uint))
        {
            var both = i + 1 < words.Length;
            entries[i] = target + (both ? 2ul : 1ul);
            entries[i + 1] = words[i] | (both ? (ulong)words[i + 1] << 32 : 0);
        }
        _written += (words.Length + 1) / 2;
        return true;
    }

    /// <summary>Closes the letter; the next launch of <see cref="QueueDelivery"/> brings it.</summary>
    public void Send()
    {
        for (var entry = _written; entry < _filled; entry++) Entries[2 * entry] = 0;
        (IsOpen, _filled) = (false, _written);
        Volatile.Write(ref Numbers[0], ++_sent);
    }

    /// <summary>Queues the kernel, in front of everything that reads the pieces: for letters with as much room as the last one.</summary>
    public void QueueDelivery() =>
        _deliver.Value(_device.Accelerator.DefaultStream, (1, Math.Min(_room, MaxGroupSize)), (ulong)_memory, _room);

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Synchronize();
        _device.Accelerator.Bind();
        Check(cuMemFreeHost(_memory));
    }

    // Few rows have room enough in the least, whose group starts the soonest; passes of very many are too long for copies to matter.
    private static int EntriesFor(int rows) => rows is > FewRows and <= MostRows ? LeastEntries + (EntriesOfRow * rows) : LeastEntries;

    /// <summary>Lets no kernel behind it start before its end: they read the pieces without waiting.</summary>
    private static void Deliver(ulong letter, int entries)
    {
        PtxInstructions.WaitForPrevious();
        var numbers = letter + (MostEntries * EntryBytes);
        var number = PtxInstructions.LoadIntAhead(numbers);
        // Three loads are on their way at a time, of which only a batch has more than one.
        for (var i = Group.IdxX; i < entries; i += 3 * Group.DimX)
        {
            Word16 first = Entry(letter, i, entries), second = Entry(letter, i + Group.DimX, entries);
            var third = Entry(letter, i + (2 * Group.DimX), entries);
            Put(first);
            Put(second);
            Put(third);
        }
        MemoryFence.DeviceLevel();
        Group.Barrier();
        if (Group.IdxX == 0) PtxInstructions.StoreToHost(numbers, number, number);
    }

    private static Word16 Entry(ulong letter, int index, int entries) =>
        index < entries ? PtxInstructions.LoadWordAhead(letter + ((ulong)index * EntryBytes)) : default;

    private static void Put(Word16 entry)
    {
        var target = entry.A | ((ulong)entry.B << 32);
        var count = (int)(target & 3ul);
        target -= (ulong)count;
        if (count > 0) PtxInstructions.StoreUInt(target, entry.C);
        if (count > 1) PtxInstructions.StoreUInt(target + sizeof(uint), entry.D);
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
