namespace TaH.Engine;

/// <summary>Says nothing: on every rank but the first.</summary>
internal sealed class SilentObserver : ITrainingObserver
{
    public void Started(TrainingPlan run)
    {
    }

    public void Stepped(StepMetrics metrics)
    {
    }

    public void Evaluated(EvaluationMetrics metrics)
    {
    }

    public void Saved(string path)
    {
    }
}
