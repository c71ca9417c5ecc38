using System.Diagnostics;

namespace TaH.Kernels;

/// <summary>
/// Records every launch on a device while it is attached: what, where in the model, when and how long. An operation opens a
/// <see cref="ComputeDevice.Profile{TVariant}"/> scope around its launch; whoever runs a model says with <see cref="Place"/> what the launches are
/// for.
/// </summary>
public sealed class KernelProfiler : IDisposable
{
    private readonly ComputeDevice _device;
    private readonly IKernelClock _clock;
    private readonly long _origin = Stopwatch.GetTimestamp();
    private readonly List<Launch> _pending = [];
    private readonly List<KernelRun> _runs = [];
    private readonly List<ProfiledPass> _passes = [];
    private int _nesting;

    private KernelProfiler(ComputeDevice device)
    {
        _device = device;
        _clock = device.Kind == DeviceKind.Cuda ? new CudaClock(device, _origin) : new HostClock(device, _origin);
    }

    /// <summary>What the next launches are for.</summary>
    public KernelPlace Place { get; set; } = KernelPlace.None;

    /// <summary>The passes that have begun, in order; <see cref="KernelPlace.Pass"/> is an index into them.</summary>
    public IReadOnlyList<ProfiledPass> Passes => _passes;

    /// <summary>Begins to profile a device; disposing of the profiler ends it.</summary>
    /// <exception cref="InvalidOperationException">The device is being profiled already.</exception>
    public static KernelProfiler Attach(ComputeDevice device)
    {
        if (device.Profiler is not null) throw new InvalidOperationException($"{device.Info.Name} is being profiled already");
        return device.Profiler = new KernelProfiler(device);
    }

    /// <summary>Begins a pass: launches from here on belong to it.</summary>
    public void BeginPass(ProfiledPass pass)
    {
        _passes.Add(pass);
        Place = new KernelPlace(_passes.Count - 1, Layer: -1, string.Empty);
    }

    /// <summary>Waits for the launches so far and gives all that was recorded, which is then forgotten.</summary>
    public KernelLog Take()
    {
        Drain();
        var log = new KernelLog([.. _runs], [.. _passes]);
        _runs.Clear();
        _passes.Clear();
        return log;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_device.Profiler != this) return;
        _device.Profiler = null;
        _clock.Dispose();
    }

    /// <summary>
    /// The launches until <see cref="Release"/> are queued as a whole before the first of them runs, where the clock can do so: then the host's speed
    /// is no part of their times.
    /// </summary>
    internal void Hold() => _clock.Hold();

    internal void Release() => _clock.Release();

    internal KernelScope Begin(string operation, string variant, KernelWork work)
    {
        // What an operation calls inside its own launch belongs to it.
        if (_nesting++ > 0) return new KernelScope(this);
        if (_pending.Count == _clock.Capacity) Drain();
        _pending.Add(new Launch(operation, variant, work, Place, Stopwatch.GetTimestamp()));
        _clock.Start(_pending.Count - 1);
        return new KernelScope(this);
    }

    internal void End()
    {
        if (--_nesting > 0) return;
        var index = _pending.Count - 1;
        _clock.Stop(index);
        _pending[index] = _pending[index] with { HostStop = Stopwatch.GetTimestamp() };
    }

    private void Drain()
    {
        var times = new (double Start, double Seconds)[_pending.Count];
        _clock.Read(times);
        for (var i = 0; i < times.Length; i++)
        {
            var launch = _pending[i];
            _runs.Add(new KernelRun(
                launch.Operation, launch.Variant, launch.Work, launch.Place, times[i].Start, times[i].Seconds,
                Stopwatch.GetElapsedTime(_origin, launch.HostStart).TotalSeconds,
                Stopwatch.GetElapsedTime(launch.HostStart, launch.HostStop).TotalSeconds));
        }
        _pending.Clear();
    }

    private readonly record struct Launch(string Operation, string Variant, KernelWork Work, KernelPlace Place, long HostStart, long HostStop = 0);
}
