namespace TaH.Kernels;

/// <summary>One product of a decider, as <see cref="DeciderResident"/> takes it: y = f(weight g(x) + bias) + residual.</summary>
/// <param name="Weight">Where the weight starts: f32, [outer, inner].</param>
/// <param name="Bias">Where the bias starts: [outer].</param>
/// <param name="Gain">Where the scale of the LayerNorm g starts: [inner]; 0 if x is taken as it is.</param>
/// <param name="Shift">Where its bias starts.</param>
/// <param name="Source">Where an earlier product left x, as tagged cells [rows, inner]; 0 for the decider's input.</param>
/// <param name="Residual">Where an earlier product left what is added, [rows, outer]; 0 for nothing.</param>
/// <param name="Target">Where y goes, as tagged cells [rows, outer]; 0 for the decisions.</param>
/// <param name="Inner">Length of each sum, a multiple of 4.</param>
/// <param name="Outer">Outputs.</param>
/// <param name="Slices">Warps that share a pair of weight rows.</param>
/// <param name="PanelOctets">Octets of every row of x that are in shared memory at a time; all of them for a LayerNorm.</param>
/// <param name="Gelu">1 if f is GELU, 0 if it is nothing.</param>
internal readonly record struct DeciderPhase(
    ulong Weight, ulong Bias, ulong Gain, ulong Shift, ulong Source, ulong Residual, ulong Target, int Inner, int Outer, int Slices, int PanelOctets,
    int Gelu)
{
    /// <summary>Pairs of weight rows; an odd number of rows ends with half a pair.</summary>
    public int Pairs => (Outer + 1) / 2;

    /// <summary>Octets of a row, the last of them perhaps not whole.</summary>
    public int Octets => (Inner + MatVecTask.Octet - 1) / MatVecTask.Octet;

    /// <summary>The sizes as <see cref="MatVecWalk{TOctet,TFormat}"/> takes them.</summary>
    public MatVecTask Walk(int rows) =>
        new(rows, Inner, Pairs, Slices, Inner / MatVecTask.Octet, Inner / MatVecTask.Octet, PanelOctets, Normalize: 0, Epsilon: 0);
}

/// <summary>What a decider reads: hidden states of the rows that want logits, and the top logits of their slots.</summary>
/// <param name="RowOf">[head rows] the row of the pass that each head row is.</param>
/// <param name="SlotOf">[rows] the slot of each row of the pass.</param>
/// <param name="TopValues">[slots, kept].</param>
/// <param name="Kept">How many top logits each slot holds.</param>
/// <param name="TopK">How many of them are read.</param>
/// <param name="Width">Of a hidden state, a multiple of 4.</param>
/// <param name="Count">Hidden states.</param>
/// <param name="A">Where the first hidden state starts: [rows, width].</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The fourth.</param>
/// <param name="E">The fifth.</param>
/// <param name="F">The sixth.</param>
internal readonly record struct DeciderStates(
    Ints RowOf, Ints SlotOf, Floats TopValues, int Kept, int TopK, int Width, int Count, ulong A, ulong B, ulong C, ulong D, ulong E, ulong F)
{
    /// <summary>The most hidden states.</summary>
    public const int Most = 6;

    /// <summary>Four neighbouring features of a head row: of a hidden state, of the top logits, or zeros behind them.</summary>
    public Quad Load(int head, int feature)
    {
        var row = RowOf[head];
        if (feature < Width * Count)
            return PtxInstructions.LoadQuad(StateOf(feature / Width) + ((((ulong)row * (ulong)Width) + (ulong)(feature % Width)) * sizeof(float)));
        var top = (long)SlotOf[row] * Kept;
        var first = feature - (Width * Count);
        return new Quad(Top(top, first), Top(top, first + 1), Top(top, first + 2), Top(top, first + 3));
    }

    private float Top(long start, int i) => i < TopK ? TopValues[start + i] : 0f;

    private ulong StateOf(int i)
    {
        if (i == 0) return A;
        if (i == 1) return B;
        if (i == 2) return C;
        if (i == 3) return D;
        return i == 4 ? E : F;
    }
}
