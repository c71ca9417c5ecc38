namespace TaH.Kernels;

/// <summary>How a new entry's elements are stored, four at a time.</summary>
internal interface IEntryFormat
{
    /// <summary>Stores four elements at an address that is a multiple of their bytes.</summary>
    /// <returns>What is stored, widened again: what later rows will read.</returns>
    Quad Store(ulong address, Quad values, bool really);
}

/// <summary>Single precision: stored as it is.</summary>
internal readonly struct SingleEntries : IEntryFormat
{
    public Quad Store(ulong address, Quad values, bool really)
    {
        if (really) PtxInstructions.StoreQuad(address, values);
        return values;
    }
}

/// <summary>Sixteen bits an element, pairs in a word, the earlier one in its lower half.</summary>
internal readonly struct HalfEntries<TFormat> : IEntryFormat where TFormat : struct, IElementFormat<ushort>
{
    public Quad Store(ulong address, Quad values, bool really)
    {
        ushort a = default(TFormat).Narrow(values.A), b = default(TFormat).Narrow(values.B);
        ushort c = default(TFormat).Narrow(values.C), d = default(TFormat).Narrow(values.D);
        if (really) PtxInstructions.StoreUIntPair(address, a | ((uint)b << 16), c | ((uint)d << 16));
        return new Quad(default(TFormat).Widen(a), default(TFormat).Widen(b), default(TFormat).Widen(c), default(TFormat).Widen(d));
    }
}
