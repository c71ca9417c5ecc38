using System.Diagnostics;

namespace TaH.Cli;

/// <summary>A run for a person at a terminal: one picture that changes in its place.</summary>
internal sealed class LiveDisplay(Terminal terminal) : TrainingDisplay
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private LiveDisplayContext? _context;
    private CancellationToken _interrupted;
    private bool _hasEnded;
    private TimeSpan _shown = TimeSpan.MinValue;

    private string Hint => (_hasEnded, _interrupted.IsCancellationRequested) switch
    {
        (true, _) => string.Empty,
        (_, true) => "ending behind this step",
        _ => "Ctrl-C saves and ends; the same command goes on",
    };

    public override void Show(Action run, CancellationToken interrupted)
    {
        _interrupted = interrupted;
        // Pressed in a long step, Ctrl-C is answered at once.
        using var answer = interrupted.Register(() => Draw(isDue: true));
        terminal.Out.Live(new Text("reading and compiling", Terminal.Faint)).Start(context =>
        {
            _context = context;
            run();
            _hasEnded = true;
            Draw(isDue: true);
        });
        _context = null;
    }

    protected override void OnStarted(TrainingPlan run) => Draw(isDue: true);

    protected override void OnStepped(StepMetrics metrics) => Draw(isDue: metrics.Step == Meter.Plan!.Steps);

    protected override void OnEvaluated(EvaluationMetrics metrics) => Draw(isDue: true);

    protected override void OnSaved(string path) => Draw(isDue: false);

    private void Draw(bool isDue)
    {
        if (_context is null || Meter.Plan is null) return;
        if (!isDue && _shown > TimeSpan.MinValue && _clock.Elapsed - _shown < Pause) return;
        _shown = _clock.Elapsed;
        _context.UpdateTarget(RunPicture.Of(Meter, Hint));
        _context.Refresh();
    }
}
