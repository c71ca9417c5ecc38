namespace TaH.Kernels;

/// <summary>The rungs of <see cref="SoftEmbedding"/>.</summary>
public enum SoftEmbeddingVariant
{
    /// <summary>Every accelerator.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread; f32 embeddings.</summary>
    Simd,
}
