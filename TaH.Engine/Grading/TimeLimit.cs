namespace TaH.Engine;

/// <summary>Runs a step of grading so that no input can hang or crash the program: on a thread with a deep stack, against a clock.</summary>
internal static class TimeLimit
{
    /// <summary>As much as the official grader allows a step.</summary>
    public static readonly TimeSpan OfStep = TimeSpan.FromSeconds(5);

    // Time to notice that the clock has run out; a step that does not is left behind on its thread, which ends with the program.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    // Deep trees are walked by recursion; parsers bound the depth, and this is ample for it.
    private const int StackSize = 64 << 20;

    /// <summary>What the step gives, or <paramref name="late"/> where it takes too long.</summary>
    /// <param name="step">Heeds its token where it can.</param>
    /// <param name="late">Stands for the result where there is none in time.</param>
    public static T Run<T>(Func<CancellationToken, T> step, T late)
    {
        var stop = new CancellationTokenSource(OfStep);
        var result = late;
        Exception? failure = null;
        var thread = new Thread(Work, StackSize) { IsBackground = true, Name = "grading" };
        thread.Start();
        if (!thread.Join(OfStep + Grace)) return late;
        stop.Dispose();
        if (failure is not null) throw new InvalidOperationException("a grader failed on an answer", failure);
        return result;

        void Work()
        {
            try
            {
                result = step(stop.Token);
            }
            catch (OperationCanceledException)
            {
                result = late;
            }
            catch (Exception error)
            {
                failure = error;
            }
        }
    }
}
