namespace TaH.Kernels;

/// <summary>
/// Runs passes that come again as graphs. The first pass of a kind is launched kernel by kernel, which compiles and allocates whatever it needs; the
/// second is recorded; from then on the record is replayed.
/// </summary>
/// <typeparam name="TKey">
/// What tells kinds of passes apart: everything that the launches depend on and that is not read from device memory.
/// </typeparam>
/// <param name="device">A CUDA device.</param>
internal sealed class CudaReplay<TKey>(ComputeDevice device) : IDisposable where TKey : struct, IEquatable<TKey>
{
    private const int MostGraphs = 64;

    private readonly Dictionary<TKey, Entry> _entries = [];
    private long _memoryVersion = -1;
    private long _clock;

    /// <summary>Runs a pass.</summary>
    /// <param name="key">Its kind.</param>
    /// <param name="launches">Queues it, the same way for every pass of the kind.</param>
    public void Run(TKey key, Action launches)
    {
        if (_memoryVersion != device.MemoryVersion)
        {
            Forget();
            _memoryVersion = device.MemoryVersion;
        }
        if (!_entries.TryGetValue(key, out var entry))
        {
            launches();
            if (_memoryVersion == device.MemoryVersion) _entries[key] = new Entry { LastUse = ++_clock };
            return;
        }
        entry.LastUse = ++_clock;
        if (entry.Graph is null)
        {
            MakeRoom();
            entry.Graph = CudaGraph.Record(device, launches);
        }
        entry.Graph.Launch();
    }

    /// <inheritdoc/>
    public void Dispose() => Forget();

    private void MakeRoom()
    {
        if (_entries.Count(entry => entry.Value.Graph is not null) < MostGraphs) return;
        var oldest = _entries.Where(entry => entry.Value.Graph is not null).MinBy(entry => entry.Value.LastUse);
        device.Synchronize();
        oldest.Value.Graph!.Dispose();
        _entries.Remove(oldest.Key);
    }

    private void Forget()
    {
        if (_entries.Count > 0) device.Synchronize();
        foreach (var entry in _entries.Values) entry.Graph?.Dispose();
        _entries.Clear();
    }

    private sealed class Entry
    {
        public CudaGraph? Graph;
        public long LastUse;
    }
}
