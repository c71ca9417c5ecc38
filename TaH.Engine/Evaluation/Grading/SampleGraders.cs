namespace TaH.Engine;

/// <summary>Which grader judges which task.</summary>
internal static class SampleGraders
{
    /// <summary>The grader of a mode.</summary>
    /// <param name="mode">How a task's answers are judged.</param>
    /// <param name="unsafely">Whether programs may run where nothing isolates them.</param>
    public static ISampleGrader Create(TaskGrader mode, bool unsafely) => mode switch
    {
        _ => new ExactMatchGrader(),
    };
}
