namespace TaH.Engine;

/// <summary>How far an evaluation has come.</summary>
/// <param name="Done">Samples that are in the file, those of earlier runs among them.</param>
/// <param name="Total">Samples in all.</param>
/// <param name="Resumed">Samples of earlier runs.</param>
/// <param name="Fair">Samples of this run that are right, as a careful person would say.</param>
/// <param name="Tokens">Tokens that this run has made, those of answers in flight among them.</param>
/// <param name="InFlight">Answers in flight.</param>
public readonly record struct EvaluationProgress(int Done, int Total, int Resumed, int Fair, long Tokens, int InFlight);
