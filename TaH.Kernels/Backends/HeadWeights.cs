namespace TaH.Kernels;

/// <summary>The final norm and the language-model head.</summary>
/// <param name="Norm">[hidden].</param>
/// <param name="Head">[vocab, hidden]; the embedding itself when the model ties them.</param>
public sealed record HeadWeights(FloatBuffer Norm, WeightMatrix Head);
