namespace TaH.Engine;

/// <summary>A sample that is to be made.</summary>
internal sealed record PlannedSample(EvaluationProblem Problem, int Sample, long Seed)
{
    /// <summary>What no other sample of a run has.</summary>
    public (string Task, string Id, int Sample) Key => (Problem.Task.Name, Problem.Id, Sample);
}
