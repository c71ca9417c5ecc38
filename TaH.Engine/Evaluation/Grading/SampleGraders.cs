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
        TaskGrader.Expr => new AnswerSampleGrader(GradeMode.Expression),
        TaskGrader.Latex => new AnswerSampleGrader(GradeMode.Latex),
        TaskGrader.String => new AnswerSampleGrader(GradeMode.Letter),
        TaskGrader.HumanEval or TaskGrader.Mbpp => new CodeSampleGrader(PythonSandbox.Find(unsafely), withMoreInputs: false),
        TaskGrader.HumanEvalPlus or TaskGrader.MbppPlus => new CodeSampleGrader(PythonSandbox.Find(unsafely), withMoreInputs: true),
        _ => throw new ArgumentOutOfRangeException(nameof(task), task.Grader, "is no grader"),
    };
}
