namespace TaH.Kernels;

/// <summary>The rungs of <see cref="RotateHeads"/> and <see cref="RotateHeadsBackward"/>.</summary>
public enum RotateHeadsVariant
{
    /// <summary>Every accelerator: a small group takes a head, or for gradients a few heads of a row.</summary>
    Portable,

    /// <summary>The CPU: vectors along half a head.</summary>
    Simd,
}
