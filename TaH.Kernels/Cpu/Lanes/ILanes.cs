using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// A vector of floats of one width. SIMD kernels are written once over it and compiled for 128, 256 and 512 bits; every member is inlined into a
/// few instructions.
/// </summary>
internal unsafe interface ILanes<TSelf> where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Floats in the vector.</summary>
    static abstract int Count { get; }

    /// <summary>All zero.</summary>
    static abstract TSelf Zero { get; }

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Create(float value);

    /// <summary>Reads <see cref="Count"/> singles.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Reads <see cref="Count"/> bfloat16.</summary>
    static abstract TSelf LoadBfloat16(ushort* source);

    /// <summary>Reads <see cref="Count"/> halves.</summary>
    static abstract TSelf LoadHalf(ushort* source);

    /// <summary>Writes every lane.</summary>
    static abstract void Store(TSelf value, float* target);

    /// <summary>a * b + sum, with one rounding where the processor has such an instruction.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf sum);

    /// <summary>a + b.</summary>
    static abstract TSelf Add(TSelf a, TSelf b);

    /// <summary>The sum of the lanes of each of four vectors, side by side.</summary>
    static abstract Vector128<float> Sums(TSelf a, TSelf b, TSelf c, TSelf d);
}
