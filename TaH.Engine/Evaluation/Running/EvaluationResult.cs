namespace TaH.Engine;

/// <summary>What an evaluation came to.</summary>
/// <param name="Samples">Every sample of the run's file.</param>
/// <param name="Resumed">How many of them earlier runs had made.</param>
public sealed record EvaluationResult(IReadOnlyList<EvaluationSample> Samples, int Resumed);
