using ILGPU;

namespace TaH.Kernels;

/// <summary>Sixteen bytes of stored elements, which a device fetches with one load.</summary>
internal readonly record struct Word16(uint A, uint B, uint C, uint D)
{
    public const int Bytes = 16;
}

/// <summary>What the elements of a word are.</summary>
internal interface IWordFormat
{
    /// <summary>Elements in a word.</summary>
    int Elements { get; }

    /// <summary>sum plus the products of the word's elements with x from <paramref name="at"/> on.</summary>
    float AddDot(Word16 word, Floats x, long at, float sum);
}

/// <summary>Four singles.</summary>
internal readonly struct SingleWords : IWordFormat
{
    public int Elements => 4;

    public float AddDot(Word16 word, Floats x, long at, float sum) =>
        sum + (Interop.IntAsFloat(word.A) * x[at]) + (Interop.IntAsFloat(word.B) * x[at + 1])
            + (Interop.IntAsFloat(word.C) * x[at + 2]) + (Interop.IntAsFloat(word.D) * x[at + 3]);
}

/// <summary>Eight bfloat16, the earlier of a pair in the lower half.</summary>
internal readonly struct Bfloat16Words : IWordFormat
{
    public int Elements => 8;

    public float AddDot(Word16 word, Floats x, long at, float sum) =>
        sum + Pair(word.A, x, at) + Pair(word.B, x, at + 2) + Pair(word.C, x, at + 4) + Pair(word.D, x, at + 6);

    private static float Pair(uint pair, Floats x, long at) =>
        (Interop.IntAsFloat(pair << 16) * x[at]) + (Interop.IntAsFloat(pair & 0xffff0000u) * x[at + 1]);
}

/// <summary>Eight halves, the earlier of a pair in the lower half.</summary>
internal readonly struct HalfWords : IWordFormat
{
    public int Elements => 8;

    public float AddDot(Word16 word, Floats x, long at, float sum) =>
        sum + Pair(word.A, x, at) + Pair(word.B, x, at + 2) + Pair(word.C, x, at + 4) + Pair(word.D, x, at + 6);

    private static float Pair(uint pair, Floats x, long at) =>
        (default(HalfFormat).Widen((ushort)pair) * x[at]) + (default(HalfFormat).Widen((ushort)(pair >> 16)) * x[at + 1]);
}
