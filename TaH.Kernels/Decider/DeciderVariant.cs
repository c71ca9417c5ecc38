namespace TaH.Kernels;

/// <summary>The rungs of <see cref="DeciderMlp"/>.</summary>
public enum DeciderVariant
{
    /// <summary>Every accelerator: portable kernels only.</summary>
    Portable,

    /// <summary>The CPU: vectors.</summary>
    Simd,
}
