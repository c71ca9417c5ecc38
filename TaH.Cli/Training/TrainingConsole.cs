using System.Diagnostics;
using System.Globalization;

namespace TaH.Cli;

/// <summary>A run for people: a line every second or so, with what matters and how long it will still take.</summary>
internal sealed class TrainingConsole(Terminal terminal) : ITrainingObserver
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Stopwatch _clock = new();
    private TrainingPlan? _run;
    private TimeSpan _shown = TimeSpan.MinValue;
    private long _tokens;
    private double _smoothedLoss;
    private int _steps;

    public void Started(TrainingPlan run)
    {
        _run = run;
        _clock.Start();
        var resumed = run.FirstStep > 0 ? $", going on behind step {run.FirstStep:N0}" : string.Empty;
        terminal.Remark(FormattableString.Invariant(
            $"training {run.TrainedParameters:N0} of {run.Parameters:N0} parameters in {run.Precision.ToString().ToLowerInvariant()} on {run.Device}: {run.Rows:N0} rows, {run.RowsPerStep:N0} a step, {run.Steps:N0} steps{resumed}"));
    }

    public void Stepped(StepMetrics metrics)
    {
        _tokens += metrics.Tokens;
        _steps++;
        _smoothedLoss = _steps == 1 ? metrics.Loss : (0.9 * _smoothedLoss) + (0.1 * metrics.Loss);
        var isLast = metrics.Step == _run!.Steps;
        if (!isLast && _shown > TimeSpan.MinValue && _clock.Elapsed - _shown < Pause) return;
        _shown = _clock.Elapsed;
        var left = TimeSpan.FromSeconds(_clock.Elapsed.TotalSeconds / _steps * (_run.Steps - metrics.Step));
        var hard = metrics.HardLoss is { } loss ? FormattableString.Invariant($"  hard {loss:F4}") : string.Empty;
        terminal.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"step {metrics.Step,6:N0}/{_run.Steps:N0}  loss {_smoothedLoss:F4}{hard}  right {metrics.Accuracy:P1}  passes {metrics.AverageIterations:F3}  norm {metrics.GradientNorm:F3}  rate {metrics.LearningRate:G3}  {_tokens / _clock.Elapsed.TotalSeconds:N0} tokens/s  {left:h\\:mm\\:ss} left"));
    }

    public void Evaluated(EvaluationMetrics metrics) => terminal.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"evaluation behind step {metrics.Step:N0}: loss {metrics.Loss:F4}, {metrics.Accuracy:P2} of tokens right, {metrics.AverageIterations:F3} passes"));

    public void Saved(string path) => terminal.Remark($"saved {path}");
}
