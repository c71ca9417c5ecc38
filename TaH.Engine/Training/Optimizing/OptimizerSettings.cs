namespace TaH.Engine;

/// <summary>Which rule changes weights.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>Weights minus rate times gradient.</summary>
    Sgd,

    /// <summary><see cref="AdamW"/> with moments of a byte for matrices: a quarter of their memory.</summary>
    AdamW8Bit,
}

/// <summary>How weights are changed.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="WeightDecay">Decoupled decay of matrices; norms and biases do not decay.</param>
/// <param name="MaxGradientNorm">Gradients longer than this are scaled down to it; 0 for never.</param>
/// <param name="Beta1">Of AdamW's first moments.</param>
/// <param name="Beta2">Of AdamW's second moments.</param>
/// <param name="Epsilon">Of AdamW.</param>
public sealed record OptimizerSettings(
    OptimizerKind Kind = OptimizerKind.AdamW, double WeightDecay = 0.01, double MaxGradientNorm = 0.2, double Beta1 = 0.9, double Beta2 = 0.999,
    double Epsilon = 1e-8);
