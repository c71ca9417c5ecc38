namespace TaH.Engine;

/// <summary>Stage 2: binary cross-entropy of the decider's decisions.</summary>
/// <param name="operations">The device's operations.</param>
/// <param name="model">The parameters.</param>
/// <param name="recipe">What is trained, and how.</param>
/// <param name="options">How passes are computed.</param>
internal sealed class DeciderStage(TrainingOperations operations, TrainingModel model, TrainingRecipe recipe, StepOptions options) : IStageStep
{
    private readonly DeciderStep _step = new(operations, model, options);

    /// <summary>Decisions of the first depth: one for every token, prompts too, which should not go on.</summary>
    public long Count(PackedBatch batch) => batch.IterationCounts.Count(count => count > 0);

    public void Run(PackedBatch batch, long counted, StepPlace place, StepTotals totals)
    {
        // The mean over a depth's decisions of this micro-batch, weighted by its share of the step.
        var targets = Count(batch);
        var scale = (float)targets / Math.Max(1, counted);
        DeciderDropout Dropout(int chunk) =>
            new((float)recipe.DeciderDropout, place.Seed, place.Step, (place.MicroBatch * 1024) + chunk);
        var outcomes = _step.Run(
            batch, recipe.MaxIter, (float)recipe.PositiveWeight, scale, backward: true, recipe.DeciderDropout > 0 ? Dropout : null);
        totals.Counted += targets;
        totals.Tokens += batch.Tokens.Length;
        totals.Iterations += outcomes.Iterations.Sum(count => (long)count);
        // Deeper depths have fewer decisions; each depth's mean counts alike, as in the official loss.
        for (var depth = 0; depth < outcomes.Losses.Length; depth++)
            totals.Loss += outcomes.Losses[depth].Sum(loss => (double)loss) * targets / Math.Max(1, outcomes.Targets[depth]);
        for (var token = 0; token < batch.Tokens.Length; token++)
            if (batch.IterationCounts[token] > 0 && outcomes.Iterations[token] > 1 == batch.IterationCounts[token] > 1) totals.Right++;
    }

    public void Dispose() => _step.Dispose();
}
