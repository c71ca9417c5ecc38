using ILGPU;

namespace TaH.Kernels;

/// <summary>How eight neighbouring elements of a weight row are fetched at once, and widened.</summary>
/// <typeparam name="TOctet">What holds the eight as they are stored.</typeparam>
internal interface IOctetFormat<TOctet> where TOctet : unmanaged
{
    /// <summary>Bytes of an element.</summary>
    int ElementBytes { get; }

    /// <summary>The octet at an address that is a multiple of 16; zeros from <paramref name="end"/> on.</summary>
    TOctet Load(ulong address, int index, int end);

    /// <summary>The first four elements.</summary>
    Quad Low(TOctet octet);

    /// <summary>The last four elements.</summary>
    Quad High(TOctet octet);

    /// <summary>One element, at any address that it may stand at.</summary>
    float LoadOne(ulong address);

    /// <summary>The same as it is stored, sent for where the call stands.</summary>
    uint LoadBitsAhead(ulong address);

    /// <summary>An element as it is stored, widened.</summary>
    float One(uint bits);
}

/// <summary>Thirty-two bytes: eight singles.</summary>
internal readonly record struct SingleOctet(Word16 Low, Word16 High);

/// <summary>Single precision: stored as it is.</summary>
internal readonly struct SingleOctets : IOctetFormat<SingleOctet>
{
    public int ElementBytes => 4;

    public SingleOctet Load(ulong address, int index, int end) =>
        new(PtxInstructions.LoadStreamed(address, index, end), PtxInstructions.LoadStreamed(address + Word16.Bytes, index, end));

    public Quad Low(SingleOctet octet) => Singles(octet.Low);

    public Quad High(SingleOctet octet) => Singles(octet.High);

    public float LoadOne(ulong address) => PtxInstructions.LoadConstantFloat(address);

    public uint LoadBitsAhead(ulong address) => (uint)PtxInstructions.LoadIntAhead(address);

    public float One(uint bits) => Interop.IntAsFloat(bits);

    private static Quad Singles(Word16 word) =>
        new(Interop.IntAsFloat(word.A), Interop.IntAsFloat(word.B), Interop.IntAsFloat(word.C), Interop.IntAsFloat(word.D));
}

/// <summary>bfloat16: the upper half of a single.</summary>
internal readonly struct Bfloat16Octets : IOctetFormat<Word16>
{
    public int ElementBytes => 2;

    public Word16 Load(ulong address, int index, int end) => PtxInstructions.LoadStreamed(address, index, end);

    public Quad Low(Word16 octet) => Pairs(octet.A, octet.B);

    public Quad High(Word16 octet) => Pairs(octet.C, octet.D);

    public float LoadOne(ulong address) => Interop.IntAsFloat(PtxInstructions.LoadConstantUShort(address) << 16);

    public uint LoadBitsAhead(ulong address) => PtxInstructions.LoadUShortAhead(address);

    public float One(uint bits) => Interop.IntAsFloat(bits << 16);

    private static Quad Pairs(uint first, uint second) => new(
        Interop.IntAsFloat(first << 16), Interop.IntAsFloat(first & 0xffff0000u),
        Interop.IntAsFloat(second << 16), Interop.IntAsFloat(second & 0xffff0000u));
}

/// <summary>Half precision.</summary>
internal readonly struct HalfOctets : IOctetFormat<Word16>
{
    public int ElementBytes => 2;

    public Word16 Load(ulong address, int index, int end) => PtxInstructions.LoadStreamed(address, index, end);

    public Quad Low(Word16 octet) => Pairs(octet.A, octet.B);

    public Quad High(Word16 octet) => Pairs(octet.C, octet.D);

    public float LoadOne(ulong address) => PtxInstructions.LowHalf(PtxInstructions.LoadConstantUShort(address));

    public uint LoadBitsAhead(ulong address) => PtxInstructions.LoadUShortAhead(address);

    public float One(uint bits) => PtxInstructions.LowHalf(bits);

    private static Quad Pairs(uint first, uint second) => new(
        PtxInstructions.LowHalf(first), PtxInstructions.HighHalf(first), PtxInstructions.LowHalf(second), PtxInstructions.HighHalf(second));
}
