namespace TaH.Kernels;

/// <summary>The settings of one step of <see cref="AdamW"/>; in double, as torch keeps them.</summary>
/// <param name="LearningRate">Of this step.</param>
/// <param name="Beta1">What the first moment keeps of itself.</param>
/// <param name="Beta2">What the second moment keeps of itself.</param>
/// <param name="Epsilon">What is added to the root of the second moment.</param>
/// <param name="WeightDecay">Share of a weight that goes, times the learning rate.</param>
/// <param name="Step">The first is 1.</param>
public readonly record struct AdamWStep(double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, long Step)
{
    /// <summary>What a kernel multiplies with.</summary>
    internal AdamWFactors Factors => new(
        (float)(1 - (LearningRate * WeightDecay)), (float)(1 - Beta1), (float)Beta2, (float)(1 - Beta2), (float)Epsilon,
        (float)(LearningRate / (1 - Math.Pow(Beta1, Step))), (float)Math.Sqrt(1 - Math.Pow(Beta2, Step)));
}

/// <summary>A step's settings as a kernel needs them.</summary>
/// <param name="Decay">What a weight is multiplied with first.</param>
/// <param name="Rest1">1 - beta1, what the first moment takes of the gradient; in double before it was rounded.</param>
/// <param name="Beta2">Of the second moment.</param>
/// <param name="Rest2">1 - beta2.</param>
/// <param name="Epsilon">Added to the corrected root.</param>
/// <param name="Rate">The learning rate over the correction of the first moment.</param>
/// <param name="RootCorrection">The root of the correction of the second.</param>
internal readonly record struct AdamWFactors(
    float Decay, float Rest1, float Beta2, float Rest2, float Epsilon, float Rate, float RootCorrection);
