using System.Text.Json.Serialization;

namespace TaH.Engine;

/// <summary>What a step of training did; a line of metrics.jsonl.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Loss">The mean over what the stage's loss counts: labelled tokens, or decisions.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="Tokens">Tokens of the step.</param>
/// <param name="AverageIterations">Passes a token, over all tokens of the step.</param>
/// <param name="HardLoss">The mean over hard tokens; null where there were none.</param>
/// <param name="Accuracy">The share of labelled tokens, or of decisions, that were right.</param>
/// <param name="Seconds">What the step took.</param>
/// <remarks>Hard tokens take further passes; while a decider is trained, they are those that should.</remarks>
public sealed record StepMetrics(
    int Step, double Loss, double GradientNorm, double LearningRate, long Tokens, double AverageIterations, double? HardLoss, double Accuracy,
    double Seconds)
{
    /// <summary><see cref="GradientNorm"/> under the name that the official trainer logs.</summary>
    public double GradNorm => GradientNorm;

    /// <summary>The mean over the decider's decisions; null but where it is trained beside the rest.</summary>
    public double? DeciderLoss { get; init; }

    /// <summary>Hard tokens of the step.</summary>
    public long HardTokens { get; init; }

    /// <summary>The share of hard tokens, or of decisions about them, that were right; null where there were none.</summary>
    public double? HardAccuracy { get; init; }

    /// <summary>Operations that the model asks for, forward and backward; what is computed twice to save memory counts once.</summary>
    public double Flops { get; init; }

    /// <summary>The rate of these operations as a part of what the makers of the devices promise; null where nobody knows that.</summary>
    public double? PeakShare { get; init; }

    /// <summary>Bytes in use on the device, or by the process where that is the device; null where nobody can say.</summary>
    public long? MemoryBytes { get; init; }

    /// <summary>Tokens of a second.</summary>
    public double TokensPerSecond => Tokens / Math.Max(Seconds, 1e-9);

    /// <summary>Operations of a second.</summary>
    public double FlopsPerSecond => Flops / Math.Max(Seconds, 1e-9);
}

/// <summary>What an evaluation found; a line of metrics.jsonl.</summary>
/// <param name="Step">The step behind which it ran; 0 before the first.</param>
/// <param name="Loss">Mean cross-entropy of labelled tokens.</param>
/// <param name="Accuracy">The share of labelled tokens that are the likeliest.</param>
/// <param name="AverageIterations">Passes of a labelled token.</param>
public sealed record EvaluationMetrics(
    int Step, [property: JsonPropertyName("eval_loss")] double Loss, [property: JsonPropertyName("eval_accuracy")] double Accuracy,
    [property: JsonPropertyName("eval_average_iterations")] double AverageIterations)
{
    /// <summary>Mean cross-entropy of labelled tokens that took further passes; null where none did.</summary>
    [JsonPropertyName("eval_hard_loss")]
    public double? HardLoss { get; init; }

    /// <summary>The share of them that are the likeliest; null where there were none.</summary>
    [JsonPropertyName("eval_hard_accuracy")]
    public double? HardAccuracy { get; init; }
}
