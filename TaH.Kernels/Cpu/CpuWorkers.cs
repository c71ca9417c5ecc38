using System.Diagnostics;

namespace TaH.Kernels;

/// <summary>
/// A fixed team of threads for SIMD kernels. A kernel of a decode step lasts tens of microseconds, so a worker spins a short while for the next one
/// before it sleeps; handing out a job allocates nothing. The caller works too and waits only for workers that have joined in: one that is still
/// waking up, or that the operating system has put aside, delays nobody.
/// </summary>
public sealed class CpuWorkers : IDisposable
{
    // Longer than what a decode step does between two kernels, sampling included; shorter than anybody would notice as load.
    private static readonly long TicksBeforeSleep = Stopwatch.Frequency / 5000; // 200 us

    // The state of a launch: how many workers are inside, and in the top bit that nobody may join any more.
    private const int Closed = int.MinValue;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim[] _wakeUps;
    private readonly bool[] _asleep;
    private JobCell? _job;
    private int _generation;
    private int _inside = Closed;
    private int _busy;
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

    /// <summary>
    /// Runs a job over the indices 0 to <paramref name="count"/> and returns when all are done. A caller that finds the team at work, for another
    /// thread or for a job that itself calls this, does its work alone.
    /// </summary>
    /// <param name="count">How many indices there are.</param>
    /// <param name="grain">The least number of indices worth handing to a thread.</param>
    /// <param name="job">The work.</param>
    public void For<TJob>(int count, int grain, in TJob job) where TJob : struct, ICpuJob
    {
        if (count <= 0) return;
        if (_threads.Length == 0 || count <= grain || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            job.Run(0, count);
            return;
        }
        try
        {
            RunTogether(count, grain, job);
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        foreach (var wakeUp in _wakeUps) wakeUp.Release();
        foreach (var thread in _threads) thread.Join();
        foreach (var wakeUp in _wakeUps) wakeUp.Dispose();
    }

    private void RunTogether<TJob>(int count, int grain, in TJob job) where TJob : struct, ICpuJob
    {
        var cell = JobCell<TJob>.OfThisThread;
        cell.Job = job;
        cell.Reset(count, Math.Max(grain, ((count - 1) / (4 * Count)) + 1));
        Open(cell);
        cell.RunShare();
        Close();
        cell.ThrowIfFailed();
    }

    private void Open(JobCell cell)
    {
        _job = cell;
        Volatile.Write(ref _inside, 0);
        Interlocked.Increment(ref _generation);
        for (var i = 0; i < _wakeUps.Length; i++)
        {
            if (Volatile.Read(ref _asleep[i])) _wakeUps[i].Release();
        }
    }

    private void Close()
    {
        Interlocked.Or(ref _inside, Closed);
        for (var spin = 0; Volatile.Read(ref _inside) != Closed; spin++)
        {
            // A worker that is inside this long has most likely lost its core.
            if (spin < 10_000) Thread.SpinWait(1);
            else Thread.Yield();
        }
    }

    private void Work(int worker)
    {
        var seen = 0;
        while (true)
        {
            seen = AwaitGenerationOtherThan(seen, worker);
            if (_stopping) return;
            if (!TryJoin()) continue;
            // Whoever is inside works on the job that is open now: the caller cannot replace it before everybody has left.
            _job!.RunShare();
            Interlocked.Decrement(ref _inside);
        }
    }

    private bool TryJoin()
    {
        var inside = Volatile.Read(ref _inside);
        while (inside >= 0)
        {
            var before = Interlocked.CompareExchange(ref _inside, inside + 1, inside);
            if (before == inside) return true;
            inside = before;
        }
        return false;
    }

    private int AwaitGenerationOtherThan(int seen, int worker)
    {
        var start = Stopwatch.GetTimestamp();
        do
        {
            // The clock is looked at now and then only: reading it takes longer than looking for a job.
            for (var spin = 0; spin < 32; spin++)
            {
                if (Volatile.Read(ref _generation) != seen || _stopping) return Volatile.Read(ref _generation);
                Thread.SpinWait(1);
            }
        }
        while (Stopwatch.GetTimestamp() - start < TicksBeforeSleep);
        Volatile.Write(ref _asleep[worker], true);
        Interlocked.MemoryBarrier();
        // A stray permit (a job that came between the flag and the wait) only makes this loop look again.
        while (Volatile.Read(ref _generation) == seen && !_stopping) _wakeUps[worker].Wait();
        Volatile.Write(ref _asleep[worker], false);
        return Volatile.Read(ref _generation);
    }
}
