using ILGPU.Runtime;

namespace TaH.Engine;

/// <summary>Lists of numbers that the host makes for a micro-batch, side by side in device memory.</summary>
internal sealed class DeviceLists(ComputeDevice device) : IDisposable
{
    private const int Alignment = 32;

    private readonly List<IntBuffer> _full = []; // still read by kernels of this micro-batch
    private IntBuffer _room = device.AllocateInts(1 << 16);
    private long _used;

    /// <summary>Forgets every list. Kernels that were launched before may still read theirs: what comes next waits for them on the stream.</summary>
    public void Clear()
    {
        if (_full.Count > 0) device.Synchronize();
        foreach (var buffer in _full) buffer.Dispose();
        _full.Clear();
        _used = 0;
    }

    /// <summary>Brings a list to the device; it stays until <see cref="Clear"/>.</summary>
    public ILGPU.ArrayView<int> Add(ReadOnlySpan<int> values)
    {
        if (values.Length == 0) return default;
        if (_used + values.Length > _room.Length)
        {
            _full.Add(_room);
            _room = device.AllocateInts(Math.Max(2 * _room.Length, values.Length));
            _used = 0;
        }
        var view = _room.View.BaseView.SubView(_used, values.Length);
        view.CopyFromCPU(device.Accelerator.DefaultStream, values);
        _used += (values.Length + Alignment - 1) / Alignment * Alignment;
        return view;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var buffer in _full) buffer.Dispose();
        _room.Dispose();
    }
}
