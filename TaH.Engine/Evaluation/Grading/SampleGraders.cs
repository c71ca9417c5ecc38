namespace TaH.Engine;

/// <summary>Which grader judges which task.</summary>
internal static class SampleGraders
{
    /// <summary>The grader of a task.</summary>
    /// <param name="task">The task.</param>
    /// <param name="unsafely">Whether programs may run where nothing isolates them.</param>
    /// <exception cref="UsageException">Its answers cannot be judged here; the message says why.</exception>
    public static ISampleGrader Create(EvaluationTask task, bool unsafely) => task.Grader switch
    {
        TaskGrader.Exact => new ExactMatchGrader(),
        _ when !task.Grader.RunsCode() => new ExactMatchGrader(),
        _ => throw new UsageException($"task {task.Name} needs programs to be run, which this build cannot (unsafe: {unsafely})"),
    };
}
