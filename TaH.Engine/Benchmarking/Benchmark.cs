using System.Diagnostics;

namespace TaH.Engine;

/// <summary>Measures how fast a model runs.</summary>
public sealed class Benchmark
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    private readonly TahModel _model;
    private readonly BenchmarkPlan _plan;

    /// <summary>Checks a plan against a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="plan">What to measure.</param>
    /// <exception cref="UsageException">The plan makes no sense, or the model cannot do it.</exception>
    public Benchmark(TahModel model, BenchmarkPlan plan)
    {
        (_model, _plan) = (model, plan);
        plan.Validate();
        foreach (var batch in plan.Batches) _ = SessionLimits.Of(model, OptionsFor(plan, batch));
        if (plan.Policy is null && model.Weights.Decider is null && plan.ContinueRates.Any(rate => rate > 0))
            throw new UsageException($"{model.Name} has no trained decider, so a share of tokens cannot be sent through a second pass");
    }

    /// <summary>Measures row after row.</summary>
    /// <param name="cancellation">Ends the work; the row in hand is given up.</param>
    public IEnumerable<BenchmarkRow> Run(CancellationToken cancellation = default)
    {
        foreach (var batch in _plan.Batches)
        {
            using var session = _model.OpenSession(OptionsFor(_plan, batch));
            foreach (var rate in _plan.Policy is null ? _plan.ContinueRates : [double.NaN])
            {
                using var stage = new BenchmarkStage(_model, session, PoliciesFor(rate, batch), _plan.Session.MaxIter, _plan.Overlap);
                foreach (var test in Tests())
                {
                    if (Measure(stage, test, rate, cancellation) is not { } row) yield break;
                    yield return row;
                }
            }
        }
    }

    /// <summary>The longest context and test, and no pass that parts a batch.</summary>
    private static SessionOptions OptionsFor(BenchmarkPlan plan, int batch) => plan.Session with
    {
        MaxSequences = batch,
        MaxRows = plan.Session.MaxRows is { } rows ? Math.Max(rows, batch) : null,
        ContextLimit = (int)Math.Min(int.MaxValue, (long)plan.Depths.Max() + plan.Prompts.Concat(plan.Generations).Max()),
    };

    /// <summary>Depth by depth, so that a context that is there already is extended.</summary>
    private IEnumerable<BenchmarkTest> Tests() =>
        from depth in _plan.Depths
        from test in _plan.Prompts.Select(tokens => new BenchmarkTest(BenchmarkKind.Prefill, tokens, depth))
            .Concat(_plan.Generations.Select(tokens => new BenchmarkTest(BenchmarkKind.Decode, tokens, depth)))
        select test;

    private IterationPolicy[] PoliciesFor(double rate, int batch) => [.. Enumerable.Range(0, batch).Select(sequence => _plan.Policy
        ?? (_model.Weights.Decider is null ? new NeverPolicy() : (IterationPolicy)new ContinueRatePolicy(rate, (sequence + 0.5) / batch) { HeldRate = _plan.HeldRate }))];

    private BenchmarkRow? Measure(BenchmarkStage stage, BenchmarkTest test, double rate, CancellationToken cancellation)
    {
        stage.Prepare(test.Depth, cancellation);
        // The run that warms up is the one whose passes are counted: counting takes time, and every run has the same passes.
        var passes = new List<Cost>();
        var (rows, deep) = (0L, 0L);
        stage.Run(test, cancellation, (cost, pass) =>
        {
            passes.Add(cost);
            (rows, deep) = (rows + pass.Shallow, deep + pass.Deep);
        });
        // Where passes are recorded, the second run does it, and all later ones replay. The host's own code is compiled anew while it runs, too, and
        // is slower until then: short passes would show it.
        if (_model.Device.Kind == DeviceKind.Cuda)
        {
            var clock = Stopwatch.StartNew();
            do stage.Run(test, cancellation);
            while (clock.Elapsed < WarmUp && !cancellation.IsCancellationRequested);
        }
        var tokens = (double)test.Tokens * stage.Batch;
        var speeds = new double[_plan.Repetitions];
        for (var i = 0; i < speeds.Length; i++) speeds[i] = tokens / stage.Run(test, cancellation).TotalSeconds;
        if (cancellation.IsCancellationRequested) return null;
        var (mean, deviation) = BenchmarkRow.Summarize(speeds);
        return new BenchmarkRow(test, stage.Batch, double.IsNaN(rate) ? (double)deep / rows : rate, mean, deviation, passes);
    }
}
