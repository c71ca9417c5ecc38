namespace TaH.Kernels;

/// <summary>The rungs of <see cref="PackedAttention"/> and <see cref="PackedAttentionBackward"/>.</summary>
public enum PackedAttentionVariant
{
    /// <summary>Every accelerator: one group a row and head, and one an entry and KV head.</summary>
    Portable,

    /// <summary>CUDA from Ampere on: tensor cores, operands rounded to bf16; heads of 64 or 128.</summary>
    CudaMma,

    /// <summary>The CPU: blocks of rows and heads against blocks of entries, as products of small matrices.</summary>
    Simd,
}
