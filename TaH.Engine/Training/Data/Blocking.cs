namespace TaH.Engine;

/// <summary>Asynchronous work of a library, waited for.</summary>
internal static class Blocking
{
    /// <summary>
    /// Waits for work that runs on the pool: its continuations then need no thread that waits here, as those of a window or a test may.
    /// </summary>
    public static T Wait<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();

    /// <inheritdoc cref="Wait{T}(Func{Task{T}})"/>
    public static void Wait(Func<Task> work) => Task.Run(work).GetAwaiter().GetResult();
}
