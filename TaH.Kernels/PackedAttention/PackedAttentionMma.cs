using ILGPU;
using ILGPU.Runtime;
using Entries16 = TaH.Kernels.PackedTwice<TaH.Kernels.PackedTwice<TaH.Kernels.PackedStrip16>>;
using Rows32By32 = TaH.Kernels.PackedTwice<TaH.Kernels.PackedStrip32>;
using Rows32By64 = TaH.Kernels.PackedTwice<TaH.Kernels.PackedTwice<TaH.Kernels.PackedStrip32>>;

namespace TaH.Kernels;

/// <summary>
/// Launches the kernels on tensor cores, <see cref="PackedMmaForward"/>, <see cref="PackedMmaQueries"/> and <see cref="PackedMmaEntries"/>, behind copies of
/// the operands as bf16.
/// </summary>
internal sealed class PackedAttentionMma : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, PackedMmaCopies>> _narrow;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, ulong, PackedAttentionShape>> _prepare;
    private readonly Dictionary<(PackedMmaKernel Kernel, int HeadDim), Action<int, PackedMmaTask>> _loaded = [];
    private readonly Room _query;
    private readonly Room _key;
    private readonly Room _value;
    private readonly Room _gradient;
    private readonly Room _statistics;

    /// <param name="device">A card of Ampere or newer, or simulated warps.</param>
    public PackedAttentionMma(ComputeDevice device)
    {
        _device = device;
        (_query, _key, _value, _gradient, _statistics) = (new(device), new(device), new(device), new(device), new(device));
        var preparation = new KernelSpecialization(PackedMmaPreparation.GroupSize, null);
        _narrow = new(() => PtxLoader.Load(device, ((Delegate)PackedMmaPreparation.Narrow).Method, preparation)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, PackedMmaCopies>>());
        _prepare = new(() => PtxLoader.Load(device, ((Delegate)PackedMmaPreparation.Statistics).Method, preparation)
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, ulong, ulong, ulong, ulong, ulong, PackedAttentionShape>>());
    }

    /// <summary>Whether a device has the instructions, operands may be rounded and heads are of a width that the kernels have.</summary>
    public static bool Serves(ComputeDevice device, int headDim, ProductPrecision precision) =>
        headDim is 64 or 128 && MatMul.ForTensorCores(device, precision) is not null;

    /// <summary>Refuses heads of another width.</summary>
    public static void Check(PackedAttentionShape shape)
    {
        if (shape.HeadDim is not (64 or 128)) throw new NotSupportedException($"tensor cores take heads of 64 or 128 elements, not {shape.HeadDim}");
    }

    /// <summary>As <see cref="PackedAttention.Run"/>, checked.</summary>
    public void Forward(Floats q, Floats k, Floats v, AttentionRanges ranges, Floats mixed, Floats logSums, PackedAttentionShape shape)
    {
        var task = Narrow(q, k, v, ranges, shape) with { Target = Address(mixed), Second = Address(logSums), Tiles = ranges.RowTilesOnDevice };
        Kernel(PackedMmaKernel.Forward, shape)(checked(ranges.RowTiles.Length * shape.Heads), task);
    }

    /// <summary>As <see cref="PackedAttentionBackward.Run"/>, checked.</summary>
    public void Backward(PackedAttentionGiven given, AttentionRanges ranges, Floats dq, Floats dk, Floats dv, PackedAttentionShape shape)
    {
        var gradient = _gradient.Of((shape.QueryLength + SpareFor(shape)) * sizeof(ushort));
        var statistics = _statistics.Of((long)PackedMmaTask.DeltasAt(shape.Rows, shape.Heads) * 2 * sizeof(float));
        var task = Narrow(given.Q, given.K, given.V, ranges, shape) with { Gradient = gradient, Statistics = statistics };
        _prepare.Value(
            _device.Accelerator.DefaultStream, PackedMmaPreparation.Config(shape.QueryLength / 4), Address(given.DMixed), Address(given.Mixed),
            Address(given.LogSums), gradient, statistics, shape);
        var rows = task with { Target = Address(dq), Tiles = ranges.RowTilesOnDevice };
        Kernel(PackedMmaKernel.Queries, shape)(checked(ranges.RowTiles.Length * shape.Heads), rows);
        if (ranges.EntryTiles.Length == 0) return;
        var entries = task with { Target = Address(dk), Second = Address(dv), Tiles = ranges.EntryTilesOnDevice };
        Kernel(PackedMmaKernel.Entries, shape)(checked(ranges.EntryTiles.Length * shape.KvHeads), entries);
    }

    /// <summary>A kernel for a width of heads, generic arguments filled in, and its shared memory.</summary>
    internal static (Action<PackedMmaTask> Run, int SharedBytes) Text(PackedMmaKernel kernel, int headDim) => (kernel, headDim) switch
    {
        (PackedMmaKernel.Forward, 64) => (PackedMmaForward.Run<Rows32By64, Rows32By64>, PackedMmaForward.SharedBytes<Rows32By64>(64)),
        (PackedMmaKernel.Forward, _) => (PackedMmaForward.Run<Rows32By32, PackedTwice<Rows32By64>>, PackedMmaForward.SharedBytes<Rows32By32>(128)),
        (PackedMmaKernel.Queries, 64) => (PackedMmaQueries.Run<Rows32By32, Rows32By64>, PackedMmaQueries.SharedBytes(64)),
        (PackedMmaKernel.Queries, _) => (PackedMmaQueries.Run<Rows32By32, PackedTwice<Rows32By64>>, PackedMmaQueries.SharedBytes(128)),
        (_, 64) => (PackedMmaEntries.Run<Entries16, Entries16>, PackedMmaEntries.SharedBytes(64)),
        _ => (PackedMmaEntries.Run<Entries16, PackedTwice<Entries16>>, PackedMmaEntries.SharedBytes(128)),
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var room in (Room[])[_query, _key, _value, _gradient, _statistics]) room.Dispose();
    }

    private static int SpareFor(PackedAttentionShape shape) => PackedMmaTask.Spare * shape.HeadDim;

    private PackedMmaTask Narrow(Floats q, Floats k, Floats v, AttentionRanges ranges, PackedAttentionShape shape)
    {
        var entryBytes = (shape.EntryLength + SpareFor(shape)) * sizeof(ushort);
        var query = _query.Of((shape.QueryLength + SpareFor(shape)) * sizeof(ushort));
        var (key, value) = (_key.Of(entryBytes), _value.Of(entryBytes));
        var copies = new PackedMmaCopies(
            Address(q), Address(k), Address(v), query, key, value, shape.Rows, shape.Entries, shape.Heads, shape.KvHeads, shape.HeadDim);
        _narrow.Value(_device.Accelerator.DefaultStream, PackedMmaPreparation.Config((shape.QueryLength + (2 * shape.EntryLength)) / 8), copies);
        return new PackedMmaTask(
            query, key, value, 0, 0, 0, 0, ranges.Ranges, ranges.Seers, default, shape.Rows, shape.Entries, shape.Depths, shape.Heads,
            shape.HeadsPerKvHead, shape.Scale);
    }

    private Action<int, PackedMmaTask> Kernel(PackedMmaKernel kernel, PackedAttentionShape shape)
    {
        if (_loaded.TryGetValue((kernel, shape.HeadDim), out var launch)) return launch;
        var (run, sharedBytes) = Text(kernel, shape.HeadDim);
        var loaded = PtxLoader.Load(_device, run.Method, new KernelSpecialization(PackedLines.GroupSize, 2));
        PtxLoader.AllowSharedMemory(loaded, sharedBytes);
        var start = loaded.CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, PackedMmaTask>>();
        var shared = SharedMemoryConfig.RequestDynamic<float>(sharedBytes / sizeof(float));
        return _loaded[(kernel, shape.HeadDim)] = (groups, task) =>
            start(_device.Accelerator.DefaultStream, new KernelConfig(groups, PackedLines.GroupSize, shared), task);
    }

    private static ulong Address<T>(ArrayView<T> view) where T : unmanaged => (ulong)view.LoadEffectiveAddressAsPtr();

    /// <summary>Memory that grows with what it was asked for; what was never written is zero.</summary>
    private sealed class Room(ComputeDevice device) : IDisposable
    {
        private MemoryBuffer1D<ushort, Stride1D.Dense>? _buffer;

        public ulong Of(long bytes)
        {
            if (_buffer is null || _buffer.Length * sizeof(ushort) < bytes)
            {
                device.ReplaceMemory();
                _buffer?.Dispose();
                _buffer = device.Accelerator.Allocate1D<ushort>(bytes / sizeof(ushort));
                _buffer.MemSetToZero(device.Accelerator.DefaultStream);
            }
            return (ulong)_buffer.NativePtr;
        }

        public void Dispose() => _buffer?.Dispose();
    }
}

/// <summary>The kernels on tensor cores.</summary>
internal enum PackedMmaKernel
{
    /// <summary>The forward.</summary>
    Forward,

    /// <summary>dq.</summary>
    Queries,

    /// <summary>dk and dv.</summary>
    Entries,
}
