namespace TaH.Kernels;

/// <summary>The rungs of <see cref="EmbedTokens"/> and of <see cref="EmbedTokensBackward"/>.</summary>
public enum EmbedTokensVariant
{
    /// <summary>Every accelerator: one group a row or a piece of it, several rows a group where rows are short.</summary>
    Portable,

    /// <summary>The CPU: vectors, one row a thread.</summary>
    Simd,
}
