namespace TaH.Engine;

/// <summary>Stage 2: binary cross-entropy of the decider's decisions.</summary>
/// <param name="operations">The device's operations.</param>
/// <param name="model">The parameters.</param>
/// <param name="recipe">What is trained, and how.</param>
/// <param name="options">How passes are computed.</param>
internal sealed class DeciderStage(TrainingOperations operations, TrainingModel model, TrainingRecipe recipe, StepOptions options) : IStageStep
{
    private readonly DeciderStep _step = new(operations, model, options);
    private readonly TrainingCost _cost = new(model.Description, model.Trained, options.Scope);

    /// <summary>Decisions of the first depth: one for every token, prompts too, which should not go on.</summary>
    public long Count(PackedBatch batch) => batch.IterationCounts.Count(count => count > 0);

    public void Run(PackedBatch batch, long counted, StepPlace place, StepTotals totals)
    {
        // The mean over a depth's decisions of this micro-batch, weighted by its share of the step.
        var targets = Count(batch);
        var outcomes = Run(batch, (float)targets / Math.Max(1, counted), place);
        totals.Counted += targets;
        totals.Tokens += batch.Tokens.Length;
        totals.Iterations += outcomes.Iterations.Sum(count => (long)count);
        totals.Loss += LossOf(outcomes, targets);
        AddDecisions(batch, outcomes, totals);
        totals.Flops += _cost.Of(batch, outcomes.Iterations, recipe.Passes - 1);
    }

    /// <summary>Runs a micro-batch, forward and backward.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="scale">What each depth's mean is multiplied with.</param>
    /// <param name="place">Of the micro-batch.</param>
    /// <param name="passes">[tokens] passes of each; null for the decider's own decisions.</param>
    public DeciderOutcomes Run(PackedBatch batch, float scale, StepPlace place, int[]? passes = null)
    {
        DeciderDropout Dropout(int chunk) =>
            new((float)recipe.DeciderDropout, place.Seed, place.Step, (place.MicroBatch * 1024) + chunk);
        return _step.Run(
            batch, recipe.Passes, (float)recipe.PositiveWeight, scale, backward: true, recipe.DeciderDropout > 0 ? Dropout : null, passes);
    }

    /// <summary>The sum of losses whose mean over the decisions of the first depth is that of a micro-batch.</summary>
    public static double LossOf(DeciderOutcomes outcomes, long targets)
    {
        // Deeper depths have fewer decisions; each depth's mean counts alike, as in the official loss.
        var sum = 0.0;
        for (var depth = 0; depth < outcomes.Losses.Length; depth++)
            sum += outcomes.Losses[depth].Sum(loss => (double)loss) * targets / Math.Max(1, outcomes.Targets[depth]);
        return sum;
    }

    public void Dispose() => _step.Dispose();

    /// <summary>The first decision about each token: whether it is right, and of tokens that should go on its loss.</summary>
    private static void AddDecisions(PackedBatch batch, DeciderOutcomes outcomes, StepTotals totals)
    {
        for (var token = 0; token < batch.Tokens.Length; token++)
        {
            if (batch.IterationCounts[token] <= 0) continue;
            var isHard = batch.IterationCounts[token] > 1;
            var isRight = outcomes.Iterations[token] > 1 == isHard;
            if (isRight) totals.Right++;
            if (!isHard) continue;
            totals.Hard++;
            totals.HardLoss += outcomes.Losses[0][token];
            if (isRight) totals.HardRight++;
        }
    }
}
