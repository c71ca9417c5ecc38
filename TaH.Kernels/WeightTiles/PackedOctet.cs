namespace TaH.Kernels;

/// <summary>Eight columns of a token on their way to be packed.</summary>
/// <param name="Column">The first.</param>
/// <param name="Low">The first four elements; zeros past the end of x.</param>
/// <param name="High">The last four.</param>
/// <param name="LowGain">What the first four are scaled by.</param>
/// <param name="HighGain">What the last four are.</param>
internal readonly record struct PackedOctet(int Column, Quad Low, Quad High, Quad LowGain, Quad HighGain)
{
    /// <summary>Sends for the elements and, if x is normalised, for the gain.</summary>
    public static PackedOctet Load(Floats x, Floats gain, int row, int column, PackedTokensTask task)
    {
        if (row >= task.Rows || column >= task.Inner) return new PackedOctet(column, default, default, default, default);
        var at = ((long)row * task.Inner) + column;
        Quad low = Load(x, at, task), high = Load(x, at + 4, task);
        if (task.Normalize == 0) return new PackedOctet(column, low, high, default, default);
        return new PackedOctet(column, low, high, Load(gain, column, task), Load(gain, column + 4, task));
    }

    /// <summary>Puts them down. Returns the sum of the squares of the elements, before the gain.</summary>
    public float Put(ulong to, PackedTokensTask task)
    {
        Quad low = Low, high = High;
        if (task.Normalize != 0) (low, high) = (low.Times(LowGain), high.Times(HighGain));
        PackedTokens.Store(to, low.A, low.B, task);
        PackedTokens.Store(to + PackedTokens.MatrixBytes, low.C, low.D, task);
        PackedTokens.Store(to + (2 * PackedTokens.MatrixBytes), high.A, high.B, task);
        PackedTokens.Store(to + (3 * PackedTokens.MatrixBytes), high.C, high.D, task);
        return Low.Squares() + High.Squares();
    }

    private static Quad Load(Floats from, long at, PackedTokensTask task) => task.Aligned != 0
        ? PtxInstructions.LoadQuad(PtxInstructions.AddressOf(ref from[at]))
        : new Quad(from[at], from[at + 1], from[at + 2], from[at + 3]);
}
