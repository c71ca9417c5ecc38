namespace TaH.Engine;

/// <summary>Plain training and stage 1: cross-entropy of labelled tokens.</summary>
/// <param name="operations">The device's operations.</param>
/// <param name="model">The parameters.</param>
/// <param name="recipe">What is trained, and how.</param>
/// <param name="options">How passes are computed.</param>
internal sealed class LanguageStage(TrainingOperations operations, TrainingModel model, TrainingRecipe recipe, StepOptions options) : IStageStep
{
    private readonly LanguageStep _step = new(operations, model, options);
    private readonly TrainingCost _cost = new(model.Description, model.Trained, options.Scope);

    public long Count(PackedBatch batch) => batch.Labels.Count(label => label >= 0);

    public void Run(PackedBatch batch, long counted, StepPlace place, StepTotals totals) => Run(batch, Iterations(batch, place), counted, place, totals);

    /// <summary>Passes of each token.</summary>
    public int[] Iterations(PackedBatch batch, StepPlace place) => new IterationChoice(recipe, _step).Of(batch, place.Random());

    /// <summary>The same with passes that are known.</summary>
    public void Run(PackedBatch batch, int[] iterations, long counted, StepPlace place, StepTotals totals)
    {
        var dropout = recipe.Lora.Dropout > 0 ? new UpdateDropout((float)recipe.Lora.Dropout, place.Seed, place.Step, place.MicroBatch) : null;
        var outcomes = _step.Run(batch, iterations, 1f / Math.Max(1, counted), backward: true, dropout);
        Add(batch, iterations, outcomes, totals);
        totals.Flops += _cost.Of(batch, iterations, recipe.Passes);
    }

    /// <summary>Adds the outcomes of a micro-batch to totals.</summary>
    public static void Add(PackedBatch batch, int[] iterations, TokenOutcomes outcomes, StepTotals totals)
    {
        for (var token = 0; token < iterations.Length; token++)
        {
            totals.Tokens++;
            totals.Iterations += iterations[token];
            if (batch.Labels[token] < 0) continue;
            totals.Counted++;
            totals.Loss += outcomes.Losses[token];
            var isRight = outcomes.Predictions[token] == batch.Labels[token];
            if (isRight) totals.Right++;
            if (iterations[token] == 1) continue;
            totals.Hard++;
            totals.HardLoss += outcomes.Losses[token];
            if (isRight) totals.HardRight++;
        }
    }

    public void Dispose() => _step.Dispose();
}
