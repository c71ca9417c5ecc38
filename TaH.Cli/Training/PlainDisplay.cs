using System.Diagnostics;

namespace TaH.Cli;

/// <summary>A run in plain lines, one every second or so: for files and pipes, and terminals that can do no more.</summary>
internal sealed class PlainDisplay(Terminal terminal) : TrainingDisplay
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TimeSpan _shown = TimeSpan.MinValue;

    protected override void OnStarted(TrainingPlan run) => terminal.Remark(RunWords.Of(run));

    protected override void OnStepped(StepMetrics metrics)
    {
        var isLast = metrics.Step == Meter.Plan!.Steps;
        if (!isLast && _shown > TimeSpan.MinValue && _clock.Elapsed - _shown < Pause) return;
        _shown = _clock.Elapsed;
        terminal.WriteLine(RunWords.Of(Meter));
    }

    protected override void OnEvaluated(EvaluationMetrics metrics) => terminal.WriteLine("evaluation behind " + RunWords.Of(metrics));

    protected override void OnSaved(string path) => terminal.Remark($"saved {path}");
}
