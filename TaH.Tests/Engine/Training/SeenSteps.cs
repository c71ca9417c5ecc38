namespace TaH.Tests;

/// <summary>Keeps the steps of a run.</summary>
/// <param name="done">Told the number of each.</param>
internal sealed class SeenSteps(Action<int> done) : ITrainingObserver
{
    public List<StepMetrics> Seen { get; } = [];

    public void Started(TrainingPlan run)
    {
    }

    public void Stepped(StepMetrics metrics)
    {
        Seen.Add(metrics);
        done(metrics.Step);
    }

    public void Evaluated(EvaluationMetrics metrics)
    {
    }

    public void Saved(string path)
    {
    }
}
