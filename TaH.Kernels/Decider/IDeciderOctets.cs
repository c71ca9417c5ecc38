namespace TaH.Kernels;

/// <summary>
/// How threads share the octets of a turn, so that neighbours fetch neighbouring 16 bytes, and which eight elements of x an octet meets.
/// </summary>
/// <typeparam name="TOctet">What holds the eight as they are stored.</typeparam>
internal interface IDeciderOctets<TOctet> where TOctet : unmanaged
{
    /// <summary>Bytes of an element.</summary>
    int ElementBytes { get; }

    /// <summary>Sends for a thread's octet; zeros if it has none.</summary>
    /// <param name="row">Where the panel starts in the weight row.</param>
    /// <param name="octet">The turn's first octet.</param>
    /// <param name="slot">The thread among those that share the turn.</param>
    /// <param name="length">Octets of the turn.</param>
    TOctet Load(ulong row, int octet, int slot, int length);

    /// <summary>The first four elements.</summary>
    Quad Low(TOctet octet);

    /// <summary>The last four elements.</summary>
    Quad High(TOctet octet);

    /// <summary>The element of the panel that the first of <see cref="Low"/> meets.</summary>
    int LowPlace(int octet, int slot);

    /// <summary>The element of the panel that the first of <see cref="High"/> meets.</summary>
    int HighPlace(int octet, int slot, int length);
}

/// <summary>Single precision: a quad of the first half of the turn and one of the second.</summary>
internal readonly struct DeciderSingles : IDeciderOctets<SingleOctet>
{
    public int ElementBytes => sizeof(float);

    public SingleOctet Load(ulong row, int octet, int slot, int length)
    {
        var low = row + (ulong)(((2 * octet) + slot) * Word16.Bytes);
        return new SingleOctet(
            PtxInstructions.LoadStreamed(low, slot, length), PtxInstructions.LoadStreamed(low + (ulong)(length * Word16.Bytes), slot, length));
    }

    public Quad Low(SingleOctet octet) => default(SingleOctets).Low(octet);

    public Quad High(SingleOctet octet) => default(SingleOctets).High(octet);

    public int LowPlace(int octet, int slot) => (octet * MatVecTask.Octet) + (slot * 4);

    public int HighPlace(int octet, int slot, int length) => (octet * MatVecTask.Octet) + ((slot + length) * 4);
}

/// <summary>bfloat16: eight neighbours.</summary>
internal readonly struct DeciderBfloat16 : IDeciderOctets<Word16>
{
    public int ElementBytes => sizeof(ushort);

    public Word16 Load(ulong row, int octet, int slot, int length) =>
        PtxInstructions.LoadStreamed(row + (ulong)((octet + slot) * Word16.Bytes), slot, length);

    public Quad Low(Word16 octet) => default(Bfloat16Octets).Low(octet);

    public Quad High(Word16 octet) => default(Bfloat16Octets).High(octet);

    public int LowPlace(int octet, int slot) => (octet + slot) * MatVecTask.Octet;

    public int HighPlace(int octet, int slot, int length) => LowPlace(octet, slot) + 4;
}
