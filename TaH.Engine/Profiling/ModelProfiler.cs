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
        var before = DeviceCeilings.Measure(model.Device);
        var profile = Run(before, cancellation);
        // What a device could do once, it can do: a shared machine may be quieter now.
        return profile with { Ceilings = before.BestOf(DeviceCeilings.Measure(model.Device)) };
    }

    /// <summary>Runs the plan, its ceilings known.</summary>
    internal ModelProfile Run(DeviceCeilings ceilings, CancellationToken cancellation)
    {
        Check();
        using var session = model.OpenSession(plan.SessionOptions);
        using var stage = new BenchmarkStage(model, session, Policies(), plan.Session.MaxIter);
        stage.Place(plan.Depth, [.. plan.Prompt]);
        stage.Prepare(plan.Depth, cancellation);
        var costs = new List<Cost>();
        Run(stage, cancellation, costs.Add); // warms up; every run has the same passes
        var plain = Enumerable.Range(0, plan.Repetitions).Select(_ => Run(stage, cancellation)).ToArray();
        using var profiler = KernelProfiler.Attach(model.Device);
        Run(stage, cancellation); // warms the profiler up, too: its first events are slow
        profiler.Take();
        var profiled = Run(stage, cancellation);
        var passes = PassSpan.Of(profiler.Take());
        return new ModelProfile(model.Name, model.Device.Info, ceilings, plan, [.. Phases(passes, costs, plain, profiled)]);
    }

    private StageTimes Run(BenchmarkStage stage, CancellationToken cancellation, Action<Cost>? passRan = null)
    {
        var times = stage.Run(plan.Depth, plan.FirstTokens, plan.Answer, cancellation, (cost, _) => passRan?.Invoke(cost));
        cancellation.ThrowIfCancellationRequested();
        return times;
    }

    private IEnumerable<ProfilePhase> Phases(IReadOnlyList<PassSpan> passes, List<Cost> costs, StageTimes[] plain, StageTimes profiled)
    {
        var ahead = model.Device.Kind == DeviceKind.Cuda;
        var reading = plan.PrefillLength == 0 ? 0 : PrefillPasses(passes, profiled);
        if (reading > 0)
            yield return new ProfilePhase(
                ProfilePhase.PrefillName, plan.PrefillLength * plan.Batch, [.. passes.Take(reading)], [.. costs.Take(reading)],
                Median(plain.Select(run => run.Until(reading))), profiled.Until(reading).TotalSeconds, ahead);
        if (reading < passes.Count)
            yield return new ProfilePhase(
                ProfilePhase.DecodeName, (plan.Answer * plan.Batch) - profiled.TokensOf(reading), [.. passes.Skip(reading)], [.. costs.Skip(reading)],
                Median(plain.Select(run => run.Total - run.Until(reading))), (profiled.Total - profiled.Until(reading)).TotalSeconds, ahead);
    }

    /// <summary>Up to the first token, and on while more rows run than decoding has: deeper passes of the prompt.</summary>
    private int PrefillPasses(IReadOnlyList<PassSpan> passes, StageTimes times)
    {
        var busy = 1 + passes.Select((pass, i) => pass.Pass.Rows > plan.Batch ? i : -1).Max();
        return Math.Max(times.PassesToFirstToken, busy);
    }

    private static double Median(IEnumerable<TimeSpan> times)
    {
        var sorted = times.Select(time => time.TotalSeconds).Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private IterationPolicy[] Policies() => [.. Enumerable.Range(0, plan.Batch).Select(sequence => plan.Policy ?? (model.Weights.Decider is null
        ? new NeverPolicy()
        : (IterationPolicy)new ContinueRatePolicy(plan.ContinueRate, (sequence + 0.5) / plan.Batch)))];
}
