namespace TaH.Engine;

/// <summary>Who takes further passes where backbone and updates are trained: by labels, or as an ablation says.</summary>
/// <param name="recipe">What is trained.</param>
/// <param name="step">Runs first passes for those that they miss.</param>
internal sealed class IterationChoice(TrainingRecipe recipe, LanguageStep step)
{
    /// <summary>Passes of each token.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="random">What is drawn from where nobody would go on.</param>
    public int[] Of(PackedBatch batch, Xoshiro256 random)
    {
        if (recipe.Ablations.AlwaysIterate) return IterationLabels.Always(batch, recipe.Passes);
        if (!recipe.Ablations.DynamicOracle) return IterationLabels.Of(batch, recipe.Passes, random);
        var first = step.Run(batch, [.. batch.Tokens.Select(_ => 1)], scale: 0, backward: false);
        return IterationLabels.Missed(batch, first.Predictions, recipe.Passes);
    }
}
