namespace TaH.Engine;

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
