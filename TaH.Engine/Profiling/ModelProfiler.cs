namespace TaH.Engine;

/// <summary>Profiles a model: the same work with and without a profiler.</summary>
/// <param name="model">The model.</param>
/// <param name="plan">What to profile.</param>
public sealed class ModelProfiler(TahModel model, ProfilePlan plan)
{
    /// <summary>Checks the plan against the model.</summary>
    /// <exception cref="UsageException">The plan makes no sense, or the model cannot do it.</exception>
    public void Check()
    {
        plan.Validate();
        _ = SessionLimits.Of(model, plan.SessionOptions);
        foreach (var token in plan.Prompt)
        {
            if (token < 0 || token >= model.Config.VocabSize) throw new UsageException($"token {token} of the prompt is out of the vocabulary");
        }
        if (plan.Policy is null && model.Weights.Decider is null && plan.ContinueRate > 0)
            throw new UsageException($"{model.Name} has no trained decider, so a share of tokens cannot be sent through a second pass");
    }

    /// <summary>Measures the ceilings, then runs the plan: once to warm up, some times as it is, once profiled.</summary>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="OperationCanceledException">It was ended.</exception>
    public ModelProfile Run(CancellationToken cancellation = default)
    {
        Check();
        var device = model.Device;
        var ceilings = DeviceCeilings.Measure(device);
        using var session = model.OpenSession(plan.SessionOptions);
        using var stage = new BenchmarkStage(model, session, Policies(), plan.Session.MaxIter);
        stage.Place(plan.Depth, [.. plan.Prompt]);
        stage.Prepare(plan.Depth, cancellation);
        var costs = new List<Cost>();
        Run(stage, cancellation, (cost, _) => costs.Add(cost)); // warms up; every run has the same passes
        var plain = Enumerable.Range(0, plan.Repetitions).Select(_ => Run(stage, cancellation)).ToArray();
        using var profiler = KernelProfiler.Attach(device);
        Run(stage, cancellation); // warms the profiler up, too: its first events are slow
        profiler.Take();
        var profiled = Run(stage, cancellation);
        var passes = PassSpan.Of(profiler.Take());
        return new ModelProfile(model.Name, device.Info, ceilings.BestOf(Remeasured(profiler)), plan, [.. Phases(passes, costs, plain, profiled)]);
    }

    private (TimeSpan FirstToken, TimeSpan Total) Run(BenchmarkStage stage, CancellationToken cancellation, Action<Cost, PassRows>? passRan = null)
    {
        var times = stage.Run(plan.Depth, plan.FirstTokens, plan.Answer, cancellation, passRan);
        cancellation.ThrowIfCancellationRequested();
        return times;
    }

    /// <summary>What a device could do once, it can do: a shared machine may be quieter now.</summary>
    private DeviceCeilings Remeasured(KernelProfiler profiler)
    {
        profiler.Dispose();
        return DeviceCeilings.Measure(model.Device);
    }

    private IEnumerable<ProfilePhase> Phases(
        IReadOnlyList<PassSpan> passes, List<Cost> costs, (TimeSpan FirstToken, TimeSpan Total)[] plain, (TimeSpan FirstToken, TimeSpan Total) profiled)
    {
        // The prefill ends with the first token, except for sequences whose prompts are longer on their way.
        var reading = plan.PrefillLength == 0 ? 0 : passes.TakeWhile((_, i) => i <= LastOfPrefill(passes)).Count();
        if (reading > 0)
            yield return new ProfilePhase(
                ProfilePhase.PrefillName, plan.PrefillLength * plan.Batch, [.. passes.Take(reading)], [.. costs.Take(reading)],
                Median(plain.Select(times => times.FirstToken)), profiled.FirstToken.TotalSeconds);
        if (reading < passes.Count)
            yield return new ProfilePhase(
                ProfilePhase.DecodeName, plan.Tokens * plan.Batch, [.. passes.Skip(reading)], [.. costs.Skip(reading)],
                Median(plain.Select(times => Decoding(times, reading))), Decoding(profiled, reading).TotalSeconds);
    }

    private int LastOfPrefill(IReadOnlyList<PassSpan> passes)
    {
        var last = -1;
        var sampled = 0;
        for (var i = 0; i < passes.Count && sampled < plan.Batch; i++)
        {
            last = i;
            sampled += passes[i].Runs.Where(run => run.Place.Stage == "sample").Select(run => run.Work.Rows).DefaultIfEmpty(0).Max();
        }
        return last;
    }

    private static TimeSpan Decoding((TimeSpan FirstToken, TimeSpan Total) times, int reading) =>
        reading > 0 ? times.Total - times.FirstToken : times.Total;

    private static double Median(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private IterationPolicy[] Policies() => [.. Enumerable.Range(0, plan.Batch).Select(sequence => plan.Policy
        ?? (model.Weights.Decider is null ? new NeverPolicy() : (IterationPolicy)new ContinueRatePolicy(plan.ContinueRate, (sequence + 0.5) / plan.Batch)))];
}
