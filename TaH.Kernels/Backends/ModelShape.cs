namespace TaH.Kernels;

/// <summary>The sizes of a Qwen3 model that kernels need to know.</summary>
/// <param name="Layers">Decoder layers.</param>
/// <param name="Hidden">Width of the residual stream.</param>
/// <param name="Ffn">Width of the feed-forward part.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads; each serves heads / kvHeads query heads.</param>
/// <param name="HeadDim">Elements of a head; heads * headDim need not equal hidden.</param>
/// <param name="Vocab">Rows of the head, padding rows included.</param>
/// <param name="Depths">Depths of the grid: max_iter.</param>
/// <param name="LoraRank">Rank of the low-rank updates; 0 for a model without them.</param>
/// <param name="Epsilon">Epsilon of every RMSNorm.</param>
/// <param name="RopeTheta">Base of the rotary embedding's wavelengths.</param>
public sealed record ModelShape(
    int Layers, int Hidden, int Ffn, int Heads, int KvHeads, int HeadDim, int Vocab, int Depths, int LoraRank, float Epsilon, double RopeTheta);
