using ILGPU;

namespace TaH.Kernels;

/// <summary>Sixteen bytes of stored elements, which a device fetches with one load.</summary>
internal readonly record struct Word16(uint A, uint B, uint C, uint D)
{
    public const int Bytes = 16;
}

/// <summary>Eight sums side by side, none of which waits for another: additions in one sum would take their latency each.</summary>
internal readonly record struct Sums8(float A, float B, float C, float D, float E, float F, float G, float H)
{
    public float Total => ((A + B) + (C + D)) + ((E + F) + (G + H));
}

/// <summary>What the elements of a word are.</summary>
internal interface IWordFormat
{
    /// <summary>Elements in a word.</summary>
    int Elements { get; }

    /// <summary>The sums plus the products of the word's elements with x from <paramref name="at"/> on.</summary>
    Sums8 AddDot(Word16 word, Floats x, long at, Sums8 sums);
}

/// <summary>Four singles.</summary>
internal readonly struct SingleWords : IWordFormat
{
    public int Elements => 4;

    public Sums8 AddDot(Word16 word, Floats x, long at, Sums8 sums) => new(
        sums.A + (Interop.IntAsFloat(word.A) * x[at]), sums.B + (Interop.IntAsFloat(word.B) * x[at + 1]),
        sums.C + (Interop.IntAsFloat(word.C) * x[at + 2]), sums.D + (Interop.IntAsFloat(word.D) * x[at + 3]),
        sums.E, sums.F, sums.G, sums.H);
}

/// <summary>Eight bfloat16, the earlier of a pair in the lower half.</summary>
internal readonly struct Bfloat16Words : IWordFormat
{
    public int Elements => 8;

    public Sums8 AddDot(Word16 word, Floats x, long at, Sums8 sums) => new(
        sums.A + (Low(word.A) * x[at]), sums.B + (High(word.A) * x[at + 1]),
        sums.C + (Low(word.B) * x[at + 2]), sums.D + (High(word.B) * x[at + 3]),
        sums.E + (Low(word.C) * x[at + 4]), sums.F + (High(word.C) * x[at + 5]),
        sums.G + (Low(word.D) * x[at + 6]), sums.H + (High(word.D) * x[at + 7]));

    private static float Low(uint pair) => Interop.IntAsFloat(pair << 16);

    private static float High(uint pair) => Interop.IntAsFloat(pair & 0xffff0000u);
}

/// <summary>Eight halves, the earlier of a pair in the lower half.</summary>
internal readonly struct HalfWords : IWordFormat
{
    public int Elements => 8;

    public Sums8 AddDot(Word16 word, Floats x, long at, Sums8 sums) => new(
        sums.A + (Low(word.A) * x[at]), sums.B + (High(word.A) * x[at + 1]),
        sums.C + (Low(word.B) * x[at + 2]), sums.D + (High(word.B) * x[at + 3]),
        sums.E + (Low(word.C) * x[at + 4]), sums.F + (High(word.C) * x[at + 5]),
        sums.G + (Low(word.D) * x[at + 6]), sums.H + (High(word.D) * x[at + 7]));

    private static float Low(uint pair) => default(HalfFormat).Widen((ushort)pair);

    private static float High(uint pair) => default(HalfFormat).Widen((ushort)(pair >> 16));
}
