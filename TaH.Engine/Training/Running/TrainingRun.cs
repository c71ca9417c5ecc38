namespace TaH.Engine;

/// <summary>A training run: data, model, optimizer, and the loop that brings them together.</summary>
public sealed class TrainingRun : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly RunParts _parts;
    private readonly bool _restart;
    private TrainingProgress? _saved;

    private TrainingRun(TrainingRecipe recipe, RunParts parts, bool restart) => (_recipe, _parts, _restart) = (recipe, parts, restart);

    /// <summary>What a user should know though it is no error, one sentence each; of several ranks the first one knows it.</summary>
    public IReadOnlyList<string> Notes => IsLeader ? _parts.Notes : [];

    /// <summary>Whether the run was ended before its last step, here or on another rank.</summary>
    public bool WasInterrupted { get; private set; }

    /// <summary>Rank 0 alone writes and reports.</summary>
    private bool IsLeader => _parts.Communicator.Rank == 0;

    /// <summary>Reads everything that the run needs.</summary>
    /// <param name="recipe">What is trained, and how.</param>
    /// <param name="device">Where.</param>
    /// <param name="restart">Whether a state that an earlier run left in the output directory is passed over.</param>
    /// <param name="place">Which of several processes that train together this is; null for one alone.</param>
    /// <exception cref="BadFileException">A file cannot be used.</exception>
    /// <exception cref="UsageException">The recipe contradicts itself, or the model.</exception>
    /// <exception cref="DeviceNotFoundException">The device that was asked for is not there.</exception>
    /// <exception cref="DistributedException">The other processes do not come.</exception>
    public static TrainingRun Open(TrainingRecipe recipe, DeviceSelector device, bool restart = false, RankPlace? place = null)
    {
        RecipeCheck.Validate(recipe);
        return new TrainingRun(recipe, RunParts.Open(recipe, device, place), restart);
    }

    /// <summary>Runs to the end, or until it is cancelled; either way the state is saved, and at the end the checkpoint.</summary>
    /// <param name="observer">Told how it goes, on rank 0.</param>
    /// <param name="cancellation">Ends it behind the step in hand, on all ranks.</param>
    /// <exception cref="NonFiniteLossException">A loss is not a number; the state before that step is saved.</exception>
    /// <exception cref="DistributedException">Another rank is gone.</exception>
    public void RunToEnd(ITrainingObserver observer, CancellationToken cancellation = default)
    {
        if (!IsLeader) observer = new SilentObserver();
        Prepare();
        var progress = Resume();
        RankAgreement.Check(_parts.Communicator, _parts.Fingerprint, progress.Step);
        _parts.Order.Position = progress.Order;
        var plan = _parts.Plan(progress.Step);
        if (IsLeader) RunSettingsFile.Write(_recipe.Output, _parts.Recipe, plan);
        observer.Started(plan);
        using var log = IsLeader ? new MetricsLog(_recipe.Output, progress.Step) : null;
        var runner = new StepRunner(_parts.Model, _parts.Stage, _parts.Optimizer, _parts.Schedule, _parts.Communicator, _recipe.Seed);
        while (progress.Step < _parts.Schedule.Steps && !IsOutOfPatience(progress) && !IsStopped(cancellation))
        {
            var metrics = RunStep(runner, progress, observer);
            log?.Add(metrics);
            observer.Stepped(metrics);
            progress = progress with { Step = metrics.Step, Order = _parts.Order.Position };
            if (IsDue(progress.Step, _recipe.EvaluationSteps)) progress = Evaluate(progress, log, observer);
            if (IsDue(progress.Step, _recipe.SaveSteps)) Save(progress, observer);
        }
        if (!WasInterrupted && !IsDue(progress.Step, _recipe.EvaluationSteps)) progress = Evaluate(progress, log, observer);
        if (progress != _saved) Save(progress, observer);
        if (WasInterrupted) return;
        _parts.SaveCheckpoint(_recipe.Output);
        observer.Saved(_recipe.Output);
    }

    /// <inheritdoc/>
    public void Dispose() => _parts.Dispose();

    private string BestDirectory => Path.Combine(_recipe.Output, "best");

    private static bool IsDue(int step, int every) => every > 0 && step % every == 0;

    /// <summary>Asked behind every step, on all ranks: they stop together.</summary>
    private bool IsStopped(CancellationToken cancellation) =>
        WasInterrupted = RankAgreement.Any(_parts.Communicator, cancellation.IsCancellationRequested);

    private bool IsOutOfPatience(TrainingProgress progress) => _recipe.Patience > 0 && progress.WithoutBetter >= _recipe.Patience;

    /// <summary>The output directory, tidied up behind a run that was killed while it saved.</summary>
    private void Prepare()
    {
        if (IsLeader) TrainedCheckpoint.Prepare(_recipe.Output, BestDirectory);
    }

    private TrainingProgress Resume()
    {
        var beginning = new TrainingProgress(0, new OrderPosition(0, 0), double.PositiveInfinity, 0, _parts.Fingerprint);
        if (_restart || TrainingState.Find(_recipe.Output) is not { } state) return beginning;
        return TrainingState.Load(state, _parts.Fingerprint, _parts.Model, _parts.Optimizer);
    }

    private StepMetrics RunStep(StepRunner runner, TrainingProgress progress, ITrainingObserver observer)
    {
        var start = _parts.Order.Position;
        var batches = _parts.Batches.Next(_parts.Order);
        try
        {
            return _parts.Rated(runner.Run(progress.Step, batches));
        }
        catch (NonFiniteLossException failure)
        {
            Save(progress, observer);
            throw failure.With(_parts.Order.RowsSince(start));
        }
    }

    private TrainingProgress Evaluate(TrainingProgress progress, MetricsLog? log, ITrainingObserver observer)
    {
        if (_parts.Evaluation is not { } evaluation) return progress;
        var metrics = evaluation.Run(progress.Step);
        log?.Add(metrics);
        observer.Evaluated(metrics);
        if (metrics.Loss >= progress.BestLoss) return progress with { WithoutBetter = progress.WithoutBetter + 1 };
        _parts.SaveCheckpoint(BestDirectory);
        return progress with { BestLoss = metrics.Loss, WithoutBetter = 0 };
    }

    private void Save(TrainingProgress progress, ITrainingObserver observer)
    {
        _saved = progress;
        if (!IsLeader) return;
        observer.Saved(TrainingState.Save(_recipe.Output, progress, _parts.Model, _parts.Optimizer));
    }
}
