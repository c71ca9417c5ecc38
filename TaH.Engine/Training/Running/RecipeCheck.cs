namespace TaH.Engine;

/// <summary>Refuses recipes that contradict themselves, before anything is read.</summary>
internal static class RecipeCheck
{
    /// <exception cref="UsageException">A number is out of its range, or two settings exclude each other.</exception>
    public static void Validate(TrainingRecipe recipe)
    {
        Within(recipe.MaxIter is null or (>= 1 and <= TahConfig.MaxDepth), "max-iter", $"1 to {TahConfig.MaxDepth}", recipe.MaxIter ?? 0);
        Within(recipe.BatchRows >= 1, "batch", "1 or more", recipe.BatchRows);
        Within(recipe.MicroBatchTokens >= 2, "micro-batch-tokens", "2 or more", recipe.MicroBatchTokens);
        Within(recipe.MaxLength >= 2, "max-length", "2 or more", recipe.MaxLength);
        Within(recipe.Steps is null or >= 1, "steps", "1 or more", recipe.Steps ?? 0);
        Within(recipe.Epochs > 0 && double.IsFinite(recipe.Epochs), "epochs", "above 0", recipe.Epochs);
        Within(recipe.LearningRate > 0 && double.IsFinite(recipe.LearningRate), "learning-rate", "above 0", recipe.LearningRate);
        Within(recipe.WarmupRatio is >= 0 and <= 1, "warmup-ratio", "0 to 1", recipe.WarmupRatio);
        Within(recipe.MinLearningRateRate is >= 0 and <= 1, "min-learning-rate-rate", "0 to 1", recipe.MinLearningRateRate);
        Within(recipe.Optimizer.WeightDecay >= 0, "weight-decay", "0 or more", recipe.Optimizer.WeightDecay);
        Within(recipe.Optimizer.MaxGradientNorm >= 0, "max-grad-norm", "0 or more", recipe.Optimizer.MaxGradientNorm);
        Within(recipe.Lora.Dropout is >= 0 and < 1, "dropout", "0 to below 1", recipe.Lora.Dropout);
        Within(recipe.DeciderDropout is >= 0 and < 1, "dropout", "0 to below 1", recipe.DeciderDropout);
        Within(recipe.Lora.Rank is >= 1 and <= LoraConfig.MaxRank, "lora-rank", $"1 to {LoraConfig.MaxRank}", recipe.Lora.Rank);
        Within(recipe.PositiveWeight > 0, "pos-weight", "above 0", recipe.PositiveWeight);
        Within(recipe.Threshold is null or (>= 0 and <= 1), "threshold", "0 to 1", recipe.Threshold ?? 0);
        Within(recipe.EvaluationSteps >= 0, "eval-steps", "0 or more", recipe.EvaluationSteps);
        Within(recipe.SaveSteps >= 0, "save-steps", "0 or more", recipe.SaveSteps);
        Within(recipe.Patience >= 0, "patience", "0 or more", recipe.Patience);
        Within(recipe.MaxShardBytes >= 1, "max-shard-size", "1 or more", recipe.MaxShardBytes);
        if (recipe.FromScratch && recipe.Stage != TrainingStage.Base) throw new UsageException("--from-scratch is for --stage base; the other stages start from a trained model");
        if (recipe.Stage != TrainingStage.Base && recipe.MaxIter < 2) throw new UsageException("--max-iter 1 leaves stages 1 and 2 nothing to train; give 2 or more");
        CheckAblations(recipe);
    }

    private static void CheckAblations(TrainingRecipe recipe)
    {
        if (recipe.Ablations is { AlwaysIterate: true, DynamicOracle: true })
            throw new UsageException("--always-iterate and --dynamic-oracle both say which tokens go on; give one");
        if (recipe.Stage == TrainingStage.Base && recipe.Ablations != new Ablations())
            throw new UsageException("--stage base has one pass; an ablation of further passes means nothing to it");
        if (recipe.Stage != TrainingStage.Decider) return;
        if (recipe.Ablations.AlwaysIterate) throw new UsageException("--always-iterate is for stages that train the backbone; in stage 2 the decider says who goes on");
        if (recipe.Ablations.DynamicOracle) throw new UsageException("--dynamic-oracle is for stages that train the backbone; stage 2 learns the labels of its rows");
    }

    private static void Within(bool isAllowed, string option, string allowed, double given)
    {
        if (!isAllowed) throw new UsageException(FormattableString.Invariant($"--{option} is {allowed}, not {given}"));
    }
}
