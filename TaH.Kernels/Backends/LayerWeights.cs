namespace TaH.Kernels;

/// <summary>The weights of one decoder layer.</summary>
/// <param name="AttentionNorm">[hidden], before attention.</param>
/// <param name="Query">[heads * headDim, hidden].</param>
/// <param name="Key">[kvHeads * headDim, hidden].</param>
/// <param name="Value">[kvHeads * headDim, hidden].</param>
/// <param name="QueryNorm">[headDim], on every query head.</param>
/// <param name="KeyNorm">[headDim], on every key head.</param>
/// <param name="Output">[hidden, heads * headDim].</param>
/// <param name="FfnNorm">[hidden], before the feed-forward part.</param>
/// <param name="Gate">[ffn, hidden].</param>
/// <param name="Up">[ffn, hidden].</param>
/// <param name="Down">[hidden, ffn].</param>
public sealed record LayerWeights(
    FloatBuffer AttentionNorm, Projection Query, Projection Key, Projection Value, FloatBuffer QueryNorm, FloatBuffer KeyNorm, Projection Output,
    FloatBuffer FfnNorm, Projection Gate, Projection Up, Projection Down);
