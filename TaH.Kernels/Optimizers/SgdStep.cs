namespace TaH.Kernels;

/// <summary>The settings of one step of <see cref="Sgd"/>.</summary>
/// <param name="LearningRate">Of this step.</param>
/// <param name="Momentum">What the moment keeps of itself; 0 for none.</param>
/// <param name="WeightDecay">Share of a weight that is added to its gradient.</param>
public readonly record struct SgdStep(float LearningRate, float Momentum = 0f, float WeightDecay = 0f);
