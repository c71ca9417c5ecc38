namespace TaH.Engine;

/// <summary>What a step of training did; a line of metrics.jsonl.</summary>
/// <param name="Step">From 1.</param>
/// <param name="Loss">The mean over what the stage's loss counts: labelled tokens, or decisions.</param>
/// <param name="GradientNorm">Before clipping.</param>
/// <param name="LearningRate">Of the step.</param>
/// <param name="Tokens">Tokens of the step.</param>
/// <param name="AverageIterations">Passes a token, over all tokens of the step.</param>
/// <param name="HardLoss">The mean over tokens that took further passes; null where none did or the stage has no such loss.</param>
/// <param name="Accuracy">The share of labelled tokens, or of decisions, that were right.</param>
/// <param name="Seconds">What the step took.</param>
public sealed record StepMetrics(
    int Step, double Loss, double GradientNorm, double LearningRate, long Tokens, double AverageIterations, double? HardLoss, double Accuracy,
    double Seconds)
{
    /// <summary>The mean over the decider's decisions; null but where it is trained beside the rest.</summary>
    public double? DeciderLoss { get; init; }

    /// <summary>Tokens of a second.</summary>
    public double TokensPerSecond => Tokens / Math.Max(Seconds, 1e-9);
}

/// <summary>What an evaluation found.</summary>
/// <param name="Step">The step behind which it ran; 0 before the first.</param>
/// <param name="Loss">Mean cross-entropy of labelled tokens.</param>
/// <param name="Accuracy">The share of labelled tokens that are the likeliest.</param>
/// <param name="AverageIterations">Passes of a labelled token.</param>
public sealed record EvaluationMetrics(int Step, double Loss, double Accuracy, double AverageIterations);

/// <summary>Told how a run goes.</summary>
public interface ITrainingObserver
{
    /// <summary>The run begins, or goes on.</summary>
    /// <param name="run">What will happen.</param>
    void Started(TrainingPlan run);

    /// <summary>A step is done.</summary>
    void Stepped(StepMetrics metrics);

    /// <summary>An evaluation is done.</summary>
    void Evaluated(EvaluationMetrics metrics);

    /// <summary>Something was saved.</summary>
    /// <param name="path">The file or directory.</param>
    void Saved(string path);
}

/// <summary>What a run will do.</summary>
/// <param name="Stage">What is trained.</param>
/// <param name="Steps">Of the whole run.</param>
/// <param name="FirstStep">0, or where a resumed run goes on.</param>
/// <param name="Parameters">Elements of the model.</param>
/// <param name="TrainedParameters">Those that change.</param>
/// <param name="Rows">Rows of the data.</param>
/// <param name="RowsPerStep">Rows of a step.</param>
/// <param name="Device">Where it runs.</param>
/// <param name="Precision">What products multiply.</param>
public sealed record TrainingPlan(
    TrainingStage Stage, int Steps, int FirstStep, long Parameters, long TrainedParameters, int Rows, int RowsPerStep, string Device,
    TrainingPrecision Precision);
