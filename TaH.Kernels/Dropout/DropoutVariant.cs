namespace TaH.Kernels;

/// <summary>The rungs of <see cref="Dropout"/>; all give the same bits.</summary>
public enum DropoutVariant
{
    /// <summary>Every accelerator: a thread makes four random words and has four elements.</summary>
    Portable,

    /// <summary>The CPU: tiles spread over threads.</summary>
    Simd,
}
