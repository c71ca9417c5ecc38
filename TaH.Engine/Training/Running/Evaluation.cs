namespace TaH.Engine;

/// <summary>The loss of held-out rows, as the stage's model would answer: by labels in stage 1, by the decider's own decisions where it is trained.</summary>
/// <param name="recipe">What is trained.</param>
/// <param name="batches">The rows.</param>
/// <param name="language">Cross-entropy.</param>
/// <param name="decider">Decisions; null where none is trained.</param>
/// <param name="communicator">The other ranks.</param>
internal sealed class Evaluation(
    TrainingRecipe recipe, IReadOnlyList<PackedBatch> batches, LanguageStep language, DeciderStep? decider, ICommunicator communicator) : IDisposable
{
    /// <summary>Evaluates.</summary>
    /// <param name="step">The step behind which this is.</param>
    public EvaluationMetrics Run(int step)
    {
        var totals = new StepTotals();
        var labelledIterations = 0L;
        foreach (var batch in batches)
        {
            var iterations = Iterations(batch);
            var outcomes = language.Run(batch, iterations, scale: 0, backward: false);
            LanguageStage.Add(batch, iterations, outcomes, totals);
            for (var token = 0; token < iterations.Length; token++) if (batch.Labels[token] >= 0) labelledIterations += iterations[token];
        }
        double[] sums = [.. totals.ToArray(), labelledIterations];
        communicator.Sum(sums);
        totals = StepTotals.Of(sums);
        var counted = Math.Max(1, totals.Counted);
        return new EvaluationMetrics(step, totals.Loss / counted, (double)totals.Right / counted, sums[^1] / counted)
        {
            HardLoss = totals.MeanHardLoss, HardAccuracy = totals.HardAccuracy,
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        language.Dispose();
        decider?.Dispose();
    }

    private int[] Iterations(PackedBatch batch) => recipe.Stage switch
    {
        TrainingStage.Base => [.. batch.Tokens.Select(_ => 1)],
        TrainingStage.Backbone => new IterationChoice(recipe, language).Of(batch, new Xoshiro256(recipe.Seed)),
        _ => decider!.Run(batch, recipe.Passes, 1, 0, backward: false).Iterations,
    };
}
