using System.Diagnostics;
using ILGPU.Runtime.Cuda;

namespace TaH.Kernels;

/// <summary>
/// Times by events of the card's own stream: nothing waits between launches, and the times are read when somebody asks for them. What recording an
/// event costs is measured first, and taken off.
/// </summary>
internal sealed class CudaClock : IKernelClock
{
    // A driver queues about a thousand commands; a launch and its events are three.
    private const int MostHeld = 300;

    // A gap as long as this is no gap between kernels: the host was elsewhere, and the times go on from the card's own.
    private const double Break = 50e-6;

    private const int Probes = 64;

    private readonly ComputeDevice _device;
    private readonly IntPtr _stream;
    private readonly IntPtr[] _starts = new IntPtr[1 << 14];
    private readonly IntPtr[] _stops = new IntPtr[1 << 14];
    private readonly long _origin;
    private readonly IntPtr _anchor; // an event before the first launch that has not been read
    private readonly CudaHold? _hold;
    private readonly double _addedSeconds;
    private readonly double _addedGap;
    private double _anchorSeconds;
    private int _held = MostHeld; // launches of the hold in hand; that many: no hold

    public CudaClock(ComputeDevice device, long origin)
    {
        (_device, _origin) = (device, origin);
        _stream = ((CudaStream)device.Accelerator.DefaultStream).StreamPtr;
        for (var i = 0; i < _starts.Length; i++) (_starts[i], _stops[i]) = (CreateEvent(), CreateEvent());
        _anchor = CreateEvent();
        if (PtxLoader.Serves(device)) _hold = new CudaHold(device);
        Anchor();
        (_addedSeconds, _addedGap) = MeasureEvents();
    }

    public int Capacity => _starts.Length;

    public void Start(int index)
    {
        if (_held < MostHeld && ++_held == MostHeld) _hold!.Release();
        Record(_starts[index]);
    }

    public void Stop(int index) => Record(_stops[index]);

    public void Hold()
    {
        if (_hold is null) return;
        _held = 0;
        _hold.Begin();
    }

    public void Release()
    {
        _held = MostHeld;
        _hold?.Release();
    }

    public void Read(Span<(double Start, double Seconds)> times)
    {
        Release();
        _device.Synchronize();
        // The driver's times are floats: from event to event they stay exact, from a distant one they would not.
        double raw = _anchorSeconds, now = raw;
        var last = _anchor;
        for (var i = 0; i < times.Length; i++)
        {
            double gap = Seconds(last, _starts[i]), seconds = Seconds(_starts[i], _stops[i]);
            raw += gap;
            now = gap > Break ? raw : now + Math.Max(0, gap - _addedGap);
            times[i] = (now, Math.Max(0, seconds - _addedSeconds));
            now += times[i].Seconds;
            raw += seconds;
            last = _stops[i];
        }
        Anchor();
    }

    public void Dispose()
    {
        _hold?.Dispose();
        _device.Synchronize();
        foreach (var created in _starts.Concat(_stops).Append(_anchor)) CudaDriver.Check(CudaDriver.cuEventDestroy_v2(created));
    }

    /// <summary>
    /// What events add to a launch and to the gap behind it: medians, from kernels that do nothing, with events around each and without.
    /// </summary>
    private (double Seconds, double Gap) MeasureEvents()
    {
        if (_hold is null) return (0, 0);
        Span<double> seconds = stackalloc double[Probes], gaps = stackalloc double[Probes];
        Launch(i => Start(i), i => Stop(i), count: Probes + 1);
        for (var i = 0; i < Probes; i++) (seconds[i], gaps[i]) = (Seconds(_starts[i], _stops[i]), Seconds(_stops[i], _starts[i + 1]));
        seconds.Sort();
        gaps.Sort();
        void OnlyAround(int i, int at, IntPtr recorded)
        {
            if (i == at) Record(recorded);
        }
        Launch(i => OnlyAround(i, 0, _starts[0]), i => OnlyAround(i, Probes - 1, _stops[0]), Probes);
        var bare = Seconds(_starts[0], _stops[0]) / Probes;
        return (Math.Max(0, seconds[Probes / 2] - bare), gaps[Probes / 2]);
    }

    private void Launch(Action<int> before, Action<int> after, int count)
    {
        _hold!.LaunchNothing(); // the first one is slow
        Hold();
        for (var i = 0; i < count; i++)
        {
            before(i);
            _hold.LaunchNothing();
            after(i);
        }
        Release();
        _device.Synchronize();
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
