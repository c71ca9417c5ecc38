using TaH.Kernels;

namespace TaH.Cli;

/// <summary>A recipe from a file and from the command line, which wins.</summary>
internal static class TrainingOptions
{
    /// <summary>Puts both together.</summary>
    /// <param name="verb">The command line.</param>
    /// <param name="file">The recipe file.</param>
    /// <param name="worldSize">Processes that share the work: a recipe file says how many rows a device takes.</param>
    /// <exception cref="UsageException">Something is missing, or given twice.</exception>
    public static TrainingRecipe Of(TrainVerb verb, RecipeSettings file, int worldSize)
    {
        var stage = verb.Stage is null
            ? file.Stage ?? throw new UsageException("--stage is missing: base, 1, 2 or joint")
            : Choice.Of("--stage", verb.Stage, ("base", TrainingStage.Base), ("1", TrainingStage.Backbone), ("2", TrainingStage.Decider),
                ("joint", TrainingStage.Joint));
        var defaults = new TrainingRecipe
        {
            Stage = stage, Model = Required("model", verb.Model ?? file.Model), Data = Required("data", verb.Data ?? file.Data),
            Output = Required("out", verb.Output ?? file.Output),
        };
        var isDecider = stage == TrainingStage.Decider;
        var lora = file.Lora ?? defaults.Lora;
        return defaults with
        {
            EvaluationData = verb.EvaluationData ?? file.EvaluationData,
            FromScratch = verb.FromScratch,
            MaxIter = verb.MaxIter ?? file.MaxIter,
            SoftTopK = file.SoftTopK,
            Lora = new LoraRecipe(
                verb.LoraRank ?? lora.Rank, verb.LoraAlpha ?? lora.Alpha, isDecider ? lora.Dropout : verb.Dropout ?? lora.Dropout),
            Decider = Decider(verb, file.Decider),
            Threshold = verb.Threshold,
            DeciderDropout = (isDecider || stage == TrainingStage.Joint ? verb.Dropout : null) ?? file.Decider?.DropoutRate ?? defaults.DeciderDropout,
            PositiveWeight = verb.PositiveWeight ?? file.PositiveWeight ?? defaults.PositiveWeight,
            Epochs = verb.Epochs ?? file.Epochs ?? (isDecider ? 2 : defaults.Epochs),
            Steps = verb.Steps ?? file.Steps,
            BatchRows = verb.Batch ?? RowsOfDevice(file) * worldSize ?? defaults.BatchRows,
            MicroBatchTokens = verb.MicroBatchTokens ?? defaults.MicroBatchTokens,
            MaxLength = verb.MaxLength ?? file.MaxLength ?? defaults.MaxLength,
            DropsLongRows = verb.DropLong || (file.DropsLongRows ?? false),
            LearningRate = verb.LearningRate ?? file.LearningRate ?? (isDecider ? 3e-5 : defaults.LearningRate),
            WarmupRatio = verb.WarmupRatio ?? file.WarmupRatio ?? defaults.WarmupRatio,
            MinLearningRateRate = verb.MinLearningRateRate ?? file.MinLearningRateRate ?? defaults.MinLearningRateRate,
            Optimizer = Optimizer(verb, file, defaults.Optimizer),
            Precision = Precision(verb) ?? file.Precision,
            RecomputesActivations = verb.Recompute || (file.Recomputes ?? false),
            Seed = verb.Seed ?? file.Seed ?? defaults.Seed,
            Shuffles = verb.Shuffle is null ? defaults.Shuffles : Choice.Of("--shuffle", verb.Shuffle, ("true", true), ("false", false)),
            EvaluationSteps = verb.EvaluationSteps ?? file.EvaluationSteps ?? defaults.EvaluationSteps,
            SaveSteps = verb.SaveSteps ?? file.SaveSteps ?? defaults.SaveSteps,
            Patience = verb.Patience ?? defaults.Patience,
            SaveType = verb.SaveType is null
                ? null
                : Choice.Of("--save-dtype", verb.SaveType, ("f32", (TensorType?)TensorType.F32), ("bf16", TensorType.Bf16)),
            MaxShardBytes = verb.MaxShardSize ?? defaults.MaxShardBytes,
            // A plain model's recipe says that there is no adapter and no sum of logits: of one pass that is true of itself.
            Ablations = Ablations(verb, stage == TrainingStage.Base ? new Ablations() : file.Ablations),
            IgnoredKeys = file.IgnoredKeys,
        };
    }

    private static string Required(string option, string? given) => given ?? throw new UsageException($"--{option} is missing");

    private static int? RowsOfDevice(RecipeSettings file) => file.RowsPerDevice is null && file.AccumulationSteps is null
        ? null
        : (file.RowsPerDevice ?? 1) * (file.AccumulationSteps ?? 1);

    private static Ablations Ablations(TrainVerb verb, Ablations file) => new()
    {
        Attention = verb.Attention is null
            ? file.Attention
            : Choice.Of(
                "--attention", verb.Attention, ("duo", AttentionScope.DuoCausal), ("own", AttentionScope.OwnDepth), ("first", AttentionScope.FirstDepth)),
        Lora = file.Lora && !verb.NoLora, LogitsResidual = file.LogitsResidual && !verb.NoResidual, AlwaysIterate = verb.AlwaysIterate,
        DynamicOracle = file.DynamicOracle || verb.DynamicOracle,
    };

    private static DeciderConfig? Decider(TrainVerb verb, DeciderConfig? described) =>
        described is not null && verb.Threshold is { } threshold ? described with { Threshold = threshold } : described;

    private static OptimizerSettings Optimizer(TrainVerb verb, RecipeSettings file, OptimizerSettings defaults) => defaults with
    {
        Kind = verb.Optimizer is null
            ? file.Optimizer ?? defaults.Kind
            : Choice.Of(
                "--optimizer", verb.Optimizer, ("adamw", OptimizerKind.AdamW), ("adamw8bit", OptimizerKind.AdamW8Bit), ("sgd", OptimizerKind.Sgd)),
        WeightDecay = verb.WeightDecay ?? file.WeightDecay ?? defaults.WeightDecay,
        MaxGradientNorm = verb.MaxGradientNorm ?? file.MaxGradientNorm ?? defaults.MaxGradientNorm,
    };

    private static TrainingPrecision? Precision(TrainVerb verb) => verb.Type is null
        ? null
        : Choice.Of("--dtype", verb.Type, ("f32", (TrainingPrecision?)TrainingPrecision.F32), ("bf16", TrainingPrecision.Bf16));
}
