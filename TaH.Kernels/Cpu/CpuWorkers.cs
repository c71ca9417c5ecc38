namespace TaH.Kernels;

/// <summary>
/// A fixed team of threads for SIMD kernels. A kernel of a decode step lasts tens of microseconds, so a worker spins a short while for the next one
/// before it sleeps; handing out a job allocates nothing.
/// </summary>
public sealed class CpuWorkers : IDisposable
{
    // About 50 us of spinning on current cores: longer than the gap between two kernels of a step, shorter than anybody would notice as load.
    private const int SpinsBeforeSleep = 2000;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wakeUps;
    private readonly bool[] _asleep;
    private JobCell? _job;
    private int _generation;
    private int _running;
    private volatile bool _stopping;

    /// <summary>Starts the team.</summary>
    /// <param name="threads">Threads that work at a time, the caller's own among them; at least 1.</param>
    public CpuWorkers(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Count = threads;
        _threads = new Thread[threads - 1];
        _asleep = new bool[threads - 1];
        _wakeUps = [.. Enumerable.Range(0, threads - 1).Select(_ => new SemaphoreSlim(0))];
        for (var i = 0; i < _threads.Length; i++)
        {
            var worker = i;
            _threads[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"tah-cpu-{worker + 1}" };
            _threads[i].Start();
        }
    }

    /// <summary>Threads that work at a time, the caller's own among them.</summary>
    public int Count { get; }

    /// <summary>Runs a job over the indices 0 to <paramref name="count"/> and returns when all are done. One caller at a time.</summary>
    /// <param name="count">How many indices there are.</param>
    /// <param name="grain">The least number of indices worth handing to a thread.</param>
    /// <param name="job">The work.</param>
    public void For<TJob>(int count, int grain, in TJob job) where TJob : struct, ICpuJob
    {
        if (count <= 0) return;
        if (_threads.Length == 0 || count <= grain)
        {
            job.Run(0, count);
            return;
        }
        var cell = JobCell<TJob>.OfThisThread;
        cell.Job = job;
        cell.Reset(count, Math.Max(grain, (count + (4 * Count) - 1) / (4 * Count)));
        Start(cell);
        cell.RunShare();
        var spin = default(SpinWait);
        while (Volatile.Read(ref _running) > 0) spin.SpinOnce(sleep1Threshold: -1);
        cell.ThrowIfFailed();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopping = true;
        foreach (var wakeUp in _wakeUps) wakeUp.Release();
        foreach (var thread in _threads) thread.Join();
        foreach (var wakeUp in _wakeUps) wakeUp.Dispose();
    }

    private void Start(JobCell cell)
    {
        _job = cell;
        Volatile.Write(ref _running, _threads.Length);
        Interlocked.Increment(ref _generation);
        for (var i = 0; i < _wakeUps.Length; i++)
        {
            if (Volatile.Read(ref _asleep[i])) _wakeUps[i].Release();
        }
    }

    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            AwaitGenerationAfter(seen, worker);
            if (_stopping) return;
            seen++;
            _job!.RunShare();
            Interlocked.Decrement(ref _running);
        }
    }

    private void AwaitGenerationAfter(int seen, int worker)
    {
        for (var spin = 0; spin < SpinsBeforeSleep; spin++)
        {
            if (Volatile.Read(ref _generation) != seen || _stopping) return;
            Thread.SpinWait(8);
        }
        Volatile.Write(ref _asleep[worker], true);
        Interlocked.MemoryBarrier();
        // A stray permit (a job that came between the flag and the wait) only makes this loop look again.
        while (Volatile.Read(ref _generation) == seen && !_stopping) _wakeUps[worker].Wait();
        Volatile.Write(ref _asleep[worker], false);
    }
}
