namespace TaH.Kernels;

/// <summary>The rungs of <see cref="Embedding"/>.</summary>
public enum EmbeddingVariant
{
    /// <summary>Every accelerator: one group a row.</summary>
    Portable,

    /// <summary>The CPU: vectors, a piece of a row a job.</summary>
    Simd,

    /// <summary>CUDA: eight elements a thread, a soft embedding spread over many groups; rows that are no whole octets as portable.</summary>
    CudaOctets,
}
