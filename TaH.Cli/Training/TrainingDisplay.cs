namespace TaH.Cli;

/// <summary>Shows how a run goes.</summary>
internal abstract class TrainingDisplay : ITrainingObserver
{
    /// <summary>What is known so far.</summary>
    public RunMeter Meter { get; } = new();

    /// <summary>The display of a run: for scripts, for a person at a terminal, or lines for whoever reads a file of them later.</summary>
    public static TrainingDisplay Of(Terminal terminal, bool json)
    {
        if (json) return new TrainingLines(terminal);
        return terminal.IsLive ? new LiveDisplay(terminal) : new PlainDisplay(terminal);
    }

    /// <summary>Runs something with the display on.</summary>
    /// <param name="run">The run, which tells the display how it goes.</param>
    /// <param name="interrupted">Raised when the run shall end behind its step.</param>
    public virtual void Show(Action run, CancellationToken interrupted) => run();

    /// <inheritdoc/>
    public void Started(TrainingPlan run)
    {
        Meter.Start(run);
        OnStarted(run);
    }

    /// <inheritdoc/>
    public void Stepped(StepMetrics metrics)
    {
        Meter.Add(metrics);
        OnStepped(metrics);
    }

    /// <inheritdoc/>
    public void Evaluated(EvaluationMetrics metrics)
    {
        Meter.Add(metrics);
        OnEvaluated(metrics);
    }

    /// <inheritdoc/>
    public void Saved(string path)
    {
        Meter.Save(path);
        OnSaved(path);
    }

    /// <summary>The run begins, or goes on.</summary>
    protected abstract void OnStarted(TrainingPlan run);

    /// <summary>A step is done; <see cref="Meter"/> knows it.</summary>
    protected abstract void OnStepped(StepMetrics metrics);

    /// <summary>An evaluation is done; <see cref="Meter"/> knows it.</summary>
    protected abstract void OnEvaluated(EvaluationMetrics metrics);

    /// <summary>Something was saved; <see cref="Meter"/> knows it.</summary>
    protected abstract void OnSaved(string path);
}
