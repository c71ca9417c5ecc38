namespace TaH.Engine;

/// <summary>A problem of a task.</summary>
/// <param name="Task">Whose it is.</param>
/// <param name="Number">Its place in the data file, from 0.</param>
/// <param name="Id">Its id, which no other problem of the task has.</param>
/// <param name="Question">What the user says.</param>
/// <param name="Gold">The reference answer; empty where the grader takes what it needs from the row.</param>
/// <param name="Row">The row as JSON, for graders that need more of it; empty for others.</param>
public sealed record EvaluationProblem(EvaluationTask Task, int Number, string Id, string Question, string Gold, ReadOnlyMemory<byte> Row);
