using ILGPU;

namespace TaH.Kernels;

/// <summary>What the memory of a device gives to a kernel that does nothing else, measured: the ceiling of whatever has to read weights.</summary>
public sealed class Bandwidth : IDisposable
{
    private const int Columns = 1 << 14;

    // Far above any cache; an eighth of a device whose memory is small.
    private const long MostBytes = 1L << 30;
    private const int ShareOfMemory = 8;

    // Long enough to find a moment in which a shared machine is quiet, short enough to be waited for.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly ComputeDevice _device;
    private readonly TimeSpan _patience;
    private readonly WeightMatrix _source;
    private readonly WeightMatrix _target;
    private readonly IntBuffer _sink;
    private readonly Action<KernelConfig, ArrayView<Word16>, Ints, BandwidthWalk>? _read;
    private readonly Action<KernelConfig, ArrayView<Word16>, ArrayView<Word16>, BandwidthWalk>? _copy;

    /// <summary>Allocates and fills the memory.</summary>
    /// <param name="device">What is measured.</param>
    public Bandwidth(ComputeDevice device)
        : this(device, Math.Min(MostBytes, device.Info.MemoryBytes / ShareOfMemory), Patience)
    {
    }

    /// <summary>Allocates and fills as much memory as is asked for, and measures for as long.</summary>
    internal Bandwidth(ComputeDevice device, long bytes, TimeSpan patience)
    {
        (_device, _patience) = (device, patience);
        var rows = (int)Math.Max(1, bytes / (Columns * sizeof(ushort)));
        // Memory that nobody wrote to may be one page that the operating system shows everywhere.
        var random = new RandomWeights(device);
        _source = random.Make(rows, Columns, 1, seed: 1);
        _target = random.Make(rows, Columns, 1, seed: 2);
        _sink = device.AllocateInts(1);
        if (device.Kind == DeviceKind.Cpu) return;
        _read = device.Load<ArrayView<Word16>, Ints, BandwidthWalk>(BandwidthPortable.Read);
        _copy = device.Load<ArrayView<Word16>, ArrayView<Word16>, BandwidthWalk>(BandwidthPortable.Copy);
    }

    /// <summary>Bytes that are read, or copied, at a time.</summary>
    public long ByteCount => _source.ByteCount;

    /// <summary>Bytes a second that come out of memory; the best round of a second.</summary>
    public double ReadBytesPerSecond() => ByteCount / BestTime.Of(Read, _patience);

    /// <summary>Bytes a second that a copy moves, read and written together; the best round of a second.</summary>
    public double CopyBytesPerSecond() => 2.0 * ByteCount / BestTime.Of(Copy, _patience);

    /// <inheritdoc/>
    public void Dispose()
    {
        _source.Dispose();
        _target.Dispose();
        _sink.Dispose();
    }

    internal WeightMatrix Source => _source;

    internal WeightMatrix Target => _target;

    internal void Copy()
    {
        if (_copy is null) BandwidthSimd.Copy(_device.Workers!, _source.Halves, _target.Halves);
        else _copy(Config, _source.Halves.Cast<Word16>(), _target.Halves.Cast<Word16>(), Walk);
        _device.Synchronize();
    }

    private void Read()
    {
        if (_read is null) BandwidthSimd.Read(_device.Workers!, _source.Halves);
        else _read(Config, _source.Halves.Cast<Word16>(), _sink.View.BaseView, Walk);
        _device.Synchronize();
    }

    /// <summary>A GPU wants every multiprocessor full of threads; a CPU runtime of OpenCL a few groups a core, each one thread.</summary>
    private KernelConfig Config => _device.Info.IsGpu
        ? new(2 * _device.Accelerator.NumMultiprocessors, Math.Min(1024, _device.Accelerator.MaxNumThreadsPerGroup))
        : new(8 * _device.Accelerator.NumMultiprocessors, 1);

    private BandwidthWalk Walk
    {
        get
        {
            var (words, threads) = (ByteCount / Word16.Bytes, (long)Config.GridDim.X * Config.GroupDim.X);
            // Side by side is what a GPU merges into few requests; a core's prefetcher wants a run of its own.
            return _device.Info.IsGpu ? new(words, 1, threads, words)
                : new(words, (words + threads - 1) / threads, 1, (words + threads - 1) / threads);
        }
    }
}
