using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>What a run trains.</summary>
public enum TrainingStage
{
    /// <summary>The plain model: one pass, no updates, no decider.</summary>
    Base,

    /// <summary>Backbone and low-rank updates; labels say which tokens take further passes.</summary>
    Backbone,

    /// <summary>The decider; backbone and updates are frozen.</summary>
    Decider,

    /// <summary>All of it in every step: an ablation of the two stages.</summary>
    Joint,
}

/// <summary>The low-rank updates that stage 1 adds.</summary>
/// <param name="Rank">Rows of A.</param>
/// <param name="Alpha">Numerator of the scale.</param>
/// <param name="Dropout">Of what updates read.</param>
public sealed record LoraRecipe(int Rank = 16, double Alpha = 32, double Dropout = 0.1);

/// <summary>Ways to leave out a part of the method, to see what it is good for.</summary>
public sealed record Ablations
{
    /// <summary>Which depths a row's attention sees.</summary>
    public AttentionScope Attention { get; init; } = AttentionScope.DuoCausal;

    /// <summary>Whether deeper passes have low-rank updates.</summary>
    public bool Lora { get; init; } = true;

    /// <summary>Whether logits add up over the depths.</summary>
    public bool LogitsResidual { get; init; } = true;

    /// <summary>Whether every supervised token takes all passes.</summary>
    public bool AlwaysIterate { get; init; }

    /// <summary>Whether the model in training says itself which tokens are hard: those that its first pass misses.</summary>
    public bool DynamicOracle { get; init; }
}

/// <summary>Everything that a training run does, apart from where it runs.</summary>
public sealed record TrainingRecipe
{
    /// <summary>What is trained.</summary>
    public required TrainingStage Stage { get; init; }

    /// <summary>The checkpoint that it starts from; for the first stage a plain Qwen3, for the second the result of the first.</summary>
    public required string Model { get; init; }

    /// <summary>Rows to train on, JSONL or Parquet.</summary>
    public required string Data { get; init; }

    /// <summary>Rows to evaluate on; null for none.</summary>
    public string? EvaluationData { get; init; }

    /// <summary>Where checkpoints and metrics go.</summary>
    public required string Output { get; init; }

    /// <summary>Whether a base model's weights are drawn instead of read: training from scratch.</summary>
    public bool FromScratch { get; init; }

    /// <summary>The most passes of a token; null for those of the checkpoint in stage 2, elsewhere for 2.</summary>
    public int? MaxIter { get; init; }

    /// <summary>The most passes of a token.</summary>
    internal int Passes => Stage == TrainingStage.Base ? 1 : MaxIter ?? 2;

    /// <summary>Logits that the soft embedding mixes; null for those of the checkpoint in stage 2, elsewhere for 100.</summary>
    public int? SoftTopK { get; init; }

    /// <summary>The updates.</summary>
    public LoraRecipe Lora { get; init; } = new();

    /// <summary>The decider that stage 2 makes; null for one that suits the model's size.</summary>
    public DeciderConfig? Decider { get; init; }

    /// <summary>The probability above which a token goes on, if no decider is described; null for 0.8.</summary>
    public double? Threshold { get; init; }

    /// <summary>Dropout of the decider's blocks.</summary>
    public double DeciderDropout { get; init; } = 0.1;

    /// <summary>What the loss of a decision to go on is multiplied with.</summary>
    public double PositiveWeight { get; init; } = 5.4;

    /// <summary>Times that the data is gone through.</summary>
    public double Epochs { get; init; } = 5;

    /// <summary>Steps of the run; null for as many as the epochs have.</summary>
    public int? Steps { get; init; }

    /// <summary>Rows of a step, over all ranks.</summary>
    public int BatchRows { get; init; } = 128;

    /// <summary>Tokens of a micro-batch at the most; a step has as many micro-batches as it takes.</summary>
    public int MicroBatchTokens { get; init; } = 16384;

    /// <summary>Tokens of a row at the most.</summary>
    public int MaxLength { get; init; } = 8192;

    /// <summary>Whether longer rows are left out instead of cut.</summary>
    public bool DropsLongRows { get; init; }

    /// <summary>The largest learning rate.</summary>
    public double LearningRate { get; init; } = 4e-5;

    /// <summary>The part of the run that warms up.</summary>
    public double WarmupRatio { get; init; } = 0.03;

    /// <summary>The last learning rate as a part of the largest.</summary>
    public double MinLearningRateRate { get; init; } = 0.1;

    /// <summary>How weights are changed.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>What products multiply; null for bf16 where the device has tensor cores and f32 elsewhere.</summary>
    public TrainingPrecision? Precision { get; init; }

    /// <summary>Whether layers run again in the backward pass instead of keeping what it reads.</summary>
    public bool RecomputesActivations { get; init; }

    /// <summary>Of everything drawn.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Whether rows are taken in a drawn order.</summary>
    public bool Shuffles { get; init; } = true;

    /// <summary>Steps between evaluations; 0 for one at the end.</summary>
    public int EvaluationSteps { get; init; }

    /// <summary>Rows of an evaluation at the most.</summary>
    public int EvaluationRows { get; init; } = 1000;

    /// <summary>Steps between states that a killed run goes on from; 0 for one at the end.</summary>
    public int SaveSteps { get; init; }

    /// <summary>Evaluations without a better loss after which the run stops; 0 for never.</summary>
    public int Patience { get; init; }

    /// <summary>The type of saved weights; null for that of the checkpoint it starts from.</summary>
    public TensorType? SaveType { get; init; }

    /// <summary>Bytes of a file of weights at the most; a larger model is saved in shards.</summary>
    public long MaxShardBytes { get; init; } = WeightShards.UsualBytes;

    /// <summary>What is left out.</summary>
    public Ablations Ablations { get; init; } = new();

    /// <summary>Keys of a recipe file that mean nothing here, for a note.</summary>
    public ImmutableArray<string> IgnoredKeys { get; init; } = [];
}
