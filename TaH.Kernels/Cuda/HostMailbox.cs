using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using static TaH.Kernels.CudaDriver;

namespace TaH.Kernels;

/// <summary>
/// Host memory that the card writes a few numbers to and the host watches, which is sooner there than a copy that is waited for. Every eight bytes
/// hold one of them and the number of the message: they come as a whole, so that no write has to wait for another.
/// </summary>
internal sealed unsafe class HostMailbox : IDisposable
{
    private const int GroupSize = 128;
    private const uint Mapped = 2; // CU_MEMHOSTALLOC_DEVICEMAP; host and card know the memory by one address
    private const int LooksBetweenQuestions = 4096;

    private readonly ComputeDevice _device;
    private readonly int _capacity;
    private readonly IntPtr _memory;
    private readonly IntBuffer _count;
    private readonly Action<AcceleratorStream, KernelConfig, Ints, Ints, HostMail, int, int> _send;
    private int _received;

    /// <summary>An empty mailbox.</summary>
    /// <param name="device">A CUDA device.</param>
    /// <param name="capacity">Numbers of each of the two parts of a message.</param>
    public HostMailbox(ComputeDevice device, int capacity)
    {
        (_device, _capacity) = (device, capacity);
        device.Accelerator.Bind();
        Check(cuMemHostAlloc(out _memory, 2 * (nuint)capacity * sizeof(ulong), Mapped));
        Cells.Clear();
        _count = device.AllocateInts(1);
        _count.MemSetToZero(device.Accelerator.DefaultStream);
        var kernel = PtxLoader.Load(device, ((Action<Ints, Ints, HostMail, int, int>)Send).Method, new KernelSpecialization(GroupSize, null));
        _send = kernel.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Ints, Ints, HostMail, int, int>>();
    }

    private Span<ulong> Cells => new((void*)_memory, 2 * _capacity);

    /// <summary>Queues a message: the beginnings of both parts.</summary>
    public void Send(Ints parts, int firstCount, int secondCount)
    {
        var numbers = firstCount + secondCount;
        using var _ = _device.Profile(nameof(HostMailbox), "Ptx", new KernelWork(2L * numbers * sizeof(int), 0, Rows: 1, Inner: numbers));
        _send(
            _device.Accelerator.DefaultStream, (1, GroupSize), parts, _count.View, new HostMail((ulong)_memory, _capacity), firstCount, secondCount);
    }

    /// <summary>Waits for the next message.</summary>
    /// <param name="first">Filled with the beginning of the first part.</param>
    /// <param name="second">Filled with the beginning of the second part.</param>
    /// <exception cref="CudaDriverException">The card failed before it came.</exception>
    public void Receive(Span<int> first, Span<int> second)
    {
        _received++;
        for (var i = 0; i < first.Length; i++) first[i] = Await(ref Cells[i]);
        for (var i = 0; i < second.Length; i++) second[i] = Await(ref Cells[first.Length + i]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _device.Synchronize();
        _device.Accelerator.Bind();
        Check(cuMemFreeHost(_memory));
        _count.Dispose();
    }

    private static void Send(Ints parts, Ints count, HostMail mail, int firstCount, int secondCount)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var message = count[0] + 1;
        for (var i = Group.IdxX; i < firstCount + secondCount; i += Group.DimX)
        {
            var number = parts[i < firstCount ? i : mail.Capacity + i - firstCount];
            PtxInstructions.StoreToHost(mail.Address + ((ulong)i * sizeof(ulong)), number, message);
        }
        Group.Barrier();
        if (Group.IdxX == 0) count[0] = message;
    }

    /// <summary>The number in a cell, as soon as it is of the message that is waited for.</summary>
    private int Await(ref ulong cell)
    {
        var looks = 0;
        ulong seen;
        while ((int)((seen = Volatile.Read(ref cell)) >> 32) != _received)
        {
            // Whoever only looked would not notice that the card has failed.
            if (++looks % LooksBetweenQuestions == 0) Check(Question(ref cell));
            Thread.SpinWait(1);
        }
        return (int)seen;
    }

    private CudaError Question(ref ulong cell)
    {
        const CudaError NotReady = (CudaError)600;
        _device.Accelerator.Bind();
        var status = cuStreamQuery(((CudaStream)_device.Accelerator.DefaultStream).StreamPtr);
        if (status == NotReady) return CudaError.CUDA_SUCCESS;
        // All is done: what was sent is there, unless nothing was.
        if (status == CudaError.CUDA_SUCCESS && (int)(Volatile.Read(ref cell) >> 32) != _received)
            throw new InvalidOperationException("the card has finished without an answer");
        return status;
    }
}

/// <summary>Where a mailbox's memory is, and numbers of each part.</summary>
internal readonly record struct HostMail(ulong Address, int Capacity);
