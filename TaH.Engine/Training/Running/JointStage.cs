namespace TaH.Engine;

/// <summary>
/// Both stages in every step, an ablation of having two: backbone and updates by the language loss, the decider by its decisions. Labels say which
/// tokens take further passes, as in stage 1; what the decider reads gets no gradient from it, as in stage 2.
/// </summary>
/// <param name="operations">The device's operations.</param>
/// <param name="model">The parameters.</param>
/// <param name="recipe">What is trained, and how.</param>
/// <param name="options">How passes are computed.</param>
internal sealed class JointStage(TrainingOperations operations, TrainingModel model, TrainingRecipe recipe, StepOptions options) : IStageStep
{
    private readonly LanguageStage _language = new(operations, model, recipe, options);
    private readonly DeciderStage _decider = new(operations, model, recipe, options);

    public long Count(PackedBatch batch) => _language.Count(batch);

    public void Run(PackedBatch batch, long counted, StepPlace place, StepTotals totals)
    {
        var iterations = _language.Iterations(batch, place);
        _language.Run(batch, iterations, counted, place, totals);
        // Where misses of the first pass say who goes on, they are what the decider learns; else the labels of the rows.
        var targets = recipe.Ablations.DynamicOracle ? batch with { IterationCounts = iterations } : batch;
        var share = (float)_language.Count(batch) / Math.Max(1, counted);
        var outcomes = _decider.Run(targets, share, place, iterations);
        var decisions = _decider.Count(targets);
        totals.Decisions += decisions;
        totals.DecisionLoss += DeciderStage.LossOf(outcomes, decisions);
    }

    public void Dispose()
    {
        _language.Dispose();
        _decider.Dispose();
    }
}
