namespace TaH.Engine;

/// <summary>Work on many items by all processors, with results and errors in the order of the items.</summary>
internal static class OrderedWork
{
    private const int ItemsAhead = 4096;

    /// <summary>Runs the work of each item; a few thousand items ahead of who reads the results.</summary>
    /// <remarks>Items are taken by one thread. An error comes where its item's result would.</remarks>
    public static IEnumerable<TResult> Run<TItem, TResult>(
        IEnumerable<TItem> items, Func<TItem, TResult> work, CancellationToken cancellation = default)
    {
        var next = Task.FromResult<TResult[]>([]);
        foreach (var chunk in items.Chunk(ItemsAhead))
        {
            var ready = next;
            next = Task.Run(() => RunAll(chunk, work, cancellation), cancellation);
            foreach (var result in ready.GetAwaiter().GetResult()) yield return result;
        }
        foreach (var result in next.GetAwaiter().GetResult()) yield return result;
    }

    private static TResult[] RunAll<TItem, TResult>(TItem[] items, Func<TItem, TResult> work, CancellationToken cancellation)
    {
        var results = new TResult[items.Length];
        var errors = new Exception?[items.Length];
        Parallel.For(0, items.Length, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            try
            {
                results[i] = work(items[i]);
            }
            catch (Exception error)
            {
                errors[i] = error;
            }
        });
        // Which error is first must not depend on who was faster.
        if (Array.Find(errors, error => error is not null) is { } first) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);
        return results;
    }
}
