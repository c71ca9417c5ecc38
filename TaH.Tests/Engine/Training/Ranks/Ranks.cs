namespace TaH.Tests;

/// <summary>Ranks as threads of one process.</summary>
internal static class Ranks
{
    /// <summary>Runs all at once; the first failure is thrown.</summary>
    /// <param name="count">How many.</param>
    /// <param name="work">What each does, given its number.</param>
    /// <returns>By rank.</returns>
    public static T[] Run<T>(int count, Func<int, T> work)
    {
        var (results, failures) = (new T[count], new Exception?[count]);
        Thread[] threads = [.. Enumerable.Range(0, count).Select(rank => new Thread(() => failures[rank] = Record.Exception(() => { results[rank] = work(rank); })))];
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        if (failures.FirstOrDefault(failure => failure is not null) is { } first) throw first;
        return results;
    }
}
