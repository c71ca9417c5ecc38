namespace TaH.Kernels;

/// <summary>A linear layer with bias of the decider, always f32.</summary>
/// <param name="Weight">[outputs, inputs].</param>
/// <param name="Bias">[outputs].</param>
public sealed record DeciderLinear(WeightMatrix Weight, FloatBuffer Bias);

/// <summary>A LayerNorm of the decider: epsilon 1e-5, biased variance.</summary>
/// <param name="Weight">[width].</param>
/// <param name="Bias">[width].</param>
public sealed record DeciderNorm(FloatBuffer Weight, FloatBuffer Bias)
{
    /// <summary>As in torch.nn.LayerNorm.</summary>
    public const float Epsilon = 1e-5f;
}

/// <summary>One residual block of the decider: dim_change(x) + expand-contract MLP of the normalised x.</summary>
/// <param name="DimChange">The shortcut where input and output width differ; null for identity.</param>
/// <param name="Norm">The block's LayerNorm.</param>
/// <param name="Expand">The first linear layer, before the exact (erf) GELU.</param>
/// <param name="Contract">The second linear layer.</param>
public sealed record DeciderBlock(DeciderLinear? DimChange, DeciderNorm Norm, DeciderLinear Expand, DeciderLinear Contract);

/// <summary>The iteration decider's weights on a device: <c>MLPIterDecider</c> of the official code.</summary>
/// <param name="TopK">How many of the largest accumulated logits it reads.</param>
/// <param name="NormalizeInput">Whether LayerNorm is put on the hidden part and softmax on the logits.</param>
/// <param name="HiddenNorm">That LayerNorm; null unless <paramref name="NormalizeInput"/>.</param>
/// <param name="LogitsProjection">From the top-k logits.</param>
/// <param name="Combined">From [hidden states ; projected logits].</param>
/// <param name="Input">Into the first block.</param>
/// <param name="Blocks">The residual blocks.</param>
/// <param name="OutputNorm">Before the last layer.</param>
/// <param name="Output">[1, width]: the decision's logit.</param>
public sealed record DeciderModel(
    int TopK, bool NormalizeInput, DeciderNorm? HiddenNorm, DeciderLinear LogitsProjection, DeciderLinear Combined, DeciderLinear Input,
    IReadOnlyList<DeciderBlock> Blocks, DeciderNorm OutputNorm, DeciderLinear Output);
