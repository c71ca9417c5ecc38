namespace TaH.Kernels;

/// <summary>The rungs of <see cref="BinaryCrossEntropy"/>.</summary>
public enum BinaryCrossEntropyVariant
{
    /// <summary>Every accelerator: one thread a row.</summary>
    Portable,

    /// <summary>The CPU without a launch; there is one number a row, too few for vectors to matter.</summary>
    Simd,
}
