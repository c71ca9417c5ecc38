namespace TaH.Kernels;

/// <summary>The rungs of <see cref="SoftEmbedding"/> and of <see cref="SoftEmbeddingBackward"/>.</summary>
public enum SoftEmbeddingVariant
{
    /// <summary>Every accelerator: one group a row forward, several dot products a group backward.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread.</summary>
    Simd,
}
