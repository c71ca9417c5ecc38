using System.Diagnostics;

namespace TaH.Kernels;

/// <summary>
/// Times on the host, waiting for the device before and after each launch: where launches run at once, or the wait is small beside them.
/// </summary>
internal sealed class HostClock(ComputeDevice device, long origin) : IKernelClock
{
    private readonly (long Start, long Stop)[] _times = new (long, long)[1 << 16];

    public int Capacity => _times.Length;

    public void Start(int index)
    {
        device.Synchronize();
        _times[index].Start = Stopwatch.GetTimestamp();
    }

    public void Stop(int index)
    {
        device.Synchronize();
        _times[index].Stop = Stopwatch.GetTimestamp();
    }

    public void Hold()
    {
    }

    public void Release()
    {
    }

    public void Read(Span<(double Start, double Seconds)> times)
    {
        for (var i = 0; i < times.Length; i++)
        {
            var (start, stop) = _times[i];
            times[i] = (Stopwatch.GetElapsedTime(origin, start).TotalSeconds, Stopwatch.GetElapsedTime(start, stop).TotalSeconds);
        }
    }

    public void Dispose()
    {
    }
}
