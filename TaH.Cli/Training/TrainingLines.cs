namespace TaH.Cli;

/// <summary>A run for scripts: the lines of metrics.jsonl on standard output.</summary>
internal sealed class TrainingLines(Terminal terminal) : TrainingDisplay
{
    protected override void OnStarted(TrainingPlan run) => terminal.Remark(RunWords.Of(run));

    protected override void OnStepped(StepMetrics metrics) => terminal.WriteLine(MetricsFile.Line(metrics));

    protected override void OnEvaluated(EvaluationMetrics metrics) => terminal.WriteLine(MetricsFile.Line(metrics));

    protected override void OnSaved(string path) => terminal.Remark($"saved {path}");
}
