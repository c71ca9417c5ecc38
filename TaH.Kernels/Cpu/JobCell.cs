using System.Runtime.ExceptionServices;

namespace TaH.Kernels;

/// <summary>The job in hand and how far it is handed out.</summary>
internal abstract class JobCell
{
    private int _count;
    private int _chunk;
    private long _next; // runs a chunk past the end for every thread, which an int might not hold
    private Exception? _failure;

    public void Reset(int count, int chunk)
    {
        _count = count;
        _chunk = chunk;
        _failure = null;
        Volatile.Write(ref _next, 0);
    }

    /// <summary>Takes chunks until none is left. An exception is kept for the caller, because a worker thread has nobody to throw to.</summary>
    public void RunShare()
    {
        try
        {
            while (true)
            {
                var start = Interlocked.Add(ref _next, _chunk) - _chunk;
                if (start >= _count) return;
                Run((int)start, (int)Math.Min(start + _chunk, _count));
            }
        }
#pragma warning disable CA1031 // Every exception travels: it is rethrown on the calling thread.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }

    public void ThrowIfFailed()
    {
        if (_failure is { } failure) ExceptionDispatchInfo.Throw(failure);
    }

    protected abstract void Run(int start, int end);
}

/// <summary>One cell a job type and calling thread, so that the next launch of the same kernel reuses it.</summary>
internal sealed class JobCell<TJob> : JobCell where TJob : struct, ICpuJob
{
    [ThreadStatic]
    private static JobCell<TJob>? _ofThisThread;

    public static JobCell<TJob> OfThisThread => _ofThisThread ??= new JobCell<TJob>();

    public TJob Job;

    protected override void Run(int start, int end) => Job.Run(start, end);
}
