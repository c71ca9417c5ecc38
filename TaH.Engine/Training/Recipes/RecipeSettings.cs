using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>What a recipe file, or a command line, says; null where it says nothing.</summary>
public sealed record RecipeSettings
{
    /// <summary>What is trained.</summary>
    public TrainingStage? Stage { get; init; }

    /// <summary>The checkpoint that it starts from.</summary>
    public string? Model { get; init; }

    /// <summary>Rows to train on.</summary>
    public string? Data { get; init; }

    /// <summary>Rows to evaluate on.</summary>
    public string? EvaluationData { get; init; }

    /// <summary>Where everything goes.</summary>
    public string? Output { get; init; }

    /// <summary>See <see cref="TrainingRecipe.Precision"/>.</summary>
    public TrainingPrecision? Precision { get; init; }

    /// <summary>See <see cref="TrainingRecipe.MaxIter"/>.</summary>
    public int? MaxIter { get; init; }

    /// <summary>See <see cref="TrainingRecipe.SoftTopK"/>.</summary>
    public int? SoftTopK { get; init; }

    /// <summary>See <see cref="TrainingRecipe.Lora"/>.</summary>
    public LoraRecipe? Lora { get; init; }

    /// <summary>See <see cref="TrainingRecipe.Decider"/>.</summary>
    public DeciderConfig? Decider { get; init; }

    /// <summary>What is left out; nothing where the file says nothing.</summary>
    public Ablations Ablations { get; init; } = new();

    /// <summary>See <see cref="TrainingRecipe.PositiveWeight"/>.</summary>
    public double? PositiveWeight { get; init; }

    /// <summary>See <see cref="TrainingRecipe.MaxLength"/>.</summary>
    public int? MaxLength { get; init; }

    /// <summary>See <see cref="TrainingRecipe.DropsLongRows"/>.</summary>
    public bool? DropsLongRows { get; init; }

    /// <summary>See <see cref="TrainingRecipe.Epochs"/>.</summary>
    public double? Epochs { get; init; }

    /// <summary>See <see cref="TrainingRecipe.Steps"/>.</summary>
    public int? Steps { get; init; }

    /// <summary>Rows that a device takes at a time.</summary>
    public int? RowsPerDevice { get; init; }

    /// <summary>How often it does so in a step.</summary>
    public int? AccumulationSteps { get; init; }

    /// <summary>See <see cref="TrainingRecipe.RecomputesActivations"/>.</summary>
    public bool? Recomputes { get; init; }

    /// <summary>See <see cref="OptimizerSettings.Kind"/>.</summary>
    public OptimizerKind? Optimizer { get; init; }

    /// <summary>See <see cref="TrainingRecipe.LearningRate"/>.</summary>
    public double? LearningRate { get; init; }

    /// <summary>See <see cref="OptimizerSettings.WeightDecay"/>.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>See <see cref="TrainingRecipe.WarmupRatio"/>.</summary>
    public double? WarmupRatio { get; init; }

    /// <summary>See <see cref="TrainingRecipe.MinLearningRateRate"/>.</summary>
    public double? MinLearningRateRate { get; init; }

    /// <summary>See <see cref="OptimizerSettings.MaxGradientNorm"/>.</summary>
    public double? MaxGradientNorm { get; init; }

    /// <summary>See <see cref="TrainingRecipe.EvaluationSteps"/>.</summary>
    public int? EvaluationSteps { get; init; }

    /// <summary>See <see cref="TrainingRecipe.SaveSteps"/>.</summary>
    public int? SaveSteps { get; init; }

    /// <summary>See <see cref="TrainingRecipe.Seed"/>.</summary>
    public int? Seed { get; init; }

    /// <summary>Keys of the file that mean nothing here.</summary>
    public ImmutableArray<string> IgnoredKeys { get; init; } = [];
}
