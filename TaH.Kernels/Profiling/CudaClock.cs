using System.Diagnostics;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>Times by events of the card's own stream: nothing waits between launches, and the times are read when somebody asks for them.</summary>
internal sealed class CudaClock : IKernelClock
{
    private readonly ComputeDevice _device;
    private readonly IntPtr _stream;
    private readonly IntPtr[] _starts = new IntPtr[1 << 14];
    private readonly IntPtr[] _stops = new IntPtr[1 << 14];
    private readonly long _origin;
    private readonly IntPtr _anchor; // the event before the first launch that has not been read
    private double _anchorSeconds;

    public CudaClock(ComputeDevice device, long origin)
    {
        (_device, _origin) = (device, origin);
        _stream = ((CudaStream)device.Accelerator.DefaultStream).StreamPtr;
        for (var i = 0; i < _starts.Length; i++) (_starts[i], _stops[i]) = (CreateEvent(), CreateEvent());
        _anchor = CreateEvent();
        Anchor();
    }

    public int Capacity => _starts.Length;

    public void Start(int index) => Record(_starts[index]);

    public void Stop(int index) => Record(_stops[index]);

    public void Read(Span<(double Start, double Seconds)> times)
    {
        _device.Synchronize();
        // The driver's times are floats: from event to event they stay exact, from a distant one they would not.
        var (now, last) = (_anchorSeconds, _anchor);
        for (var i = 0; i < times.Length; i++)
        {
            now += Seconds(last, _starts[i]);
            times[i] = (now, Seconds(_starts[i], _stops[i]));
            now += times[i].Seconds;
            last = _stops[i];
        }
        Anchor();
    }

    public void Dispose()
    {
        _device.Synchronize();
        foreach (var created in _starts.Concat(_stops).Append(_anchor)) CudaDriver.Check(CudaDriver.cuEventDestroy_v2(created));
    }

    /// <summary>Ties the card's time to the host's: the stream is empty, so the event happens as it is recorded.</summary>
    private void Anchor()
    {
        _device.Synchronize();
        Record(_anchor);
        CudaDriver.Check(CudaDriver.cuEventSynchronize(_anchor));
        _anchorSeconds = Stopwatch.GetElapsedTime(_origin).TotalSeconds;
    }

    private void Record(IntPtr recorded) => CudaDriver.Check(CudaDriver.cuEventRecord(recorded, _stream));

    private static IntPtr CreateEvent()
    {
        CudaDriver.Check(CudaDriver.cuEventCreate(out var created, flags: 0));
        return created;
    }

    private static double Seconds(IntPtr from, IntPtr to)
    {
        CudaDriver.Check(CudaDriver.cuEventElapsedTime(out var milliseconds, from, to));
        return milliseconds / 1e3;
    }
}
