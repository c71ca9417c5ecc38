namespace TaH.Engine;

/// <summary>One step after the other: micro-batches, the sum over ranks, the optimizer.</summary>
/// <param name="model">The parameters.</param>
/// <param name="stage">The loss.</param>
/// <param name="optimizer">Changes the parameters.</param>
/// <param name="schedule">The learning rates.</param>
/// <param name="communicator">The other ranks.</param>
/// <param name="seed">Of the run.</param>
internal sealed class StepRunner(
    TrainingModel model, IStageStep stage, Optimizer optimizer, LearningRateSchedule schedule, ICommunicator communicator, int seed)
{
    /// <summary>Runs a step.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="batches">This rank's micro-batches; none if the step has fewer rows than ranks.</param>
    /// <exception cref="NonFiniteLossException">The loss or the gradient is not a number; parameters are as they were before the step.</exception>
    public StepMetrics Run(int step, IReadOnlyList<PackedBatch> batches)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var counts = new double[] { batches.Sum(stage.Count) };
        communicator.Sum(counts);
        var totals = new StepTotals();
        for (var i = 0; i < batches.Count; i++)
            stage.Run(batches[i], (long)counts[0], new StepPlace(seed, step, (i * communicator.WorldSize) + communicator.Rank), totals);
        foreach (var group in model.TrainedGroups) communicator.Sum(group.Gradients);
        var sums = totals.ToArray();
        communicator.Sum(sums);
        totals = StepTotals.Of(sums);
        var loss = totals.Loss / Math.Max(1, totals.Counted);
        if (!double.IsFinite(loss)) throw new NonFiniteLossException(step + 1, $"the loss is {loss}");
        double? deciderLoss = totals.Decisions > 0 ? totals.DecisionLoss / totals.Decisions : null;
        if (deciderLoss is { } decided && !double.IsFinite(decided)) throw new NonFiniteLossException(step + 1, $"the loss of the decider is {decided}");
        var rate = schedule.At(step);
        var norm = optimizer.GradientNorm();
        if (!float.IsFinite(norm)) throw new NonFiniteLossException(step + 1, $"the norm of all gradients is {norm}");
        optimizer.Step(step, rate);
        return new StepMetrics(
            step + 1, loss, norm, rate, totals.Tokens, (double)totals.Iterations / Math.Max(1, totals.Tokens), totals.MeanHardLoss,
            (double)totals.Right / Math.Max(1, totals.Counted), clock.Elapsed.TotalSeconds)
        {
            DeciderLoss = deciderLoss, HardTokens = totals.Hard, HardAccuracy = totals.HardAccuracy, Flops = totals.Flops,
            MemoryBytes = DeviceMemory.InUse(model.Backbone.Device),
        };
    }
}
