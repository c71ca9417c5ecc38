using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>What a decider reads: hidden states of the rows that want logits, and the top logits of their slots.</summary>
/// <param name="RowOf">[head rows] the row of the pass that each head row is.</param>
/// <param name="SlotOf">[rows] the slot of each row of the pass.</param>
/// <param name="TopValues">[slots, kept].</param>
/// <param name="Kept">How many top logits each slot holds.</param>
/// <param name="TopK">How many of them are read.</param>
/// <param name="Width">Of a hidden state, a multiple of 4.</param>
/// <param name="A">Where the first hidden state starts: [rows, width].</param>
/// <param name="B">The second.</param>
/// <param name="C">The third.</param>
/// <param name="D">The fourth.</param>
/// <param name="E">The fifth.</param>
/// <param name="F">The sixth.</param>
internal readonly record struct DeciderStates(
    Ints RowOf, Ints SlotOf, Floats TopValues, int Kept, int TopK, int Width, ulong A, ulong B, ulong C, ulong D, ulong E, ulong F)
{
    /// <summary>The most hidden states.</summary>
    public const int Most = 6;

    /// <summary>Whether hidden states start where four neighbouring elements can be loaded at a time: at multiples of 16 bytes.</summary>
    public static bool StartAtWords(IReadOnlyList<Floats> hidden)
    {
        foreach (var state in hidden)
            if ((ulong)state.LoadEffectiveAddressAsPtr() % Word16.Bytes != 0) return false;
        return true;
    }

    /// <summary>The input of a pass.</summary>
    /// <param name="hidden">The hidden states, at most <see cref="Most"/>.</param>
    /// <param name="rowOf">See <see cref="RowOf"/>.</param>
    /// <param name="slotOf">See <see cref="SlotOf"/>.</param>
    /// <param name="topValues">See <see cref="TopValues"/>.</param>
    /// <param name="kept">See <see cref="Kept"/>.</param>
    /// <param name="topK">See <see cref="TopK"/>.</param>
    /// <param name="features">Elements of all hidden states of a row together.</param>
    public static DeciderStates Of(
        IReadOnlyList<Floats> hidden, Ints rowOf, Ints slotOf, Floats topValues, int kept, int topK, int features)
    {
        return new DeciderStates(
            rowOf, slotOf, topValues, kept, topK, features / hidden.Count, State(0), State(1), State(2), State(3), State(4), State(5));

        ulong State(int i) => i < hidden.Count ? (ulong)hidden[i].LoadEffectiveAddressAsPtr() : 0;
    }

    /// <summary>Four neighbouring features of a head row.</summary>
    public Quad Load(int head, int feature) => PtxInstructions.LoadQuad(AddressOf(head, feature));

    /// <summary>The same before <see cref="PtxInstructions.WaitForPrevious"/>.</summary>
    public Quad LoadAhead(int head, int feature) => PtxInstructions.LoadQuadAhead(AddressOf(head, feature));

    /// <summary>One of the top logits of a head row; zero behind them.</summary>
    public float Top(int head, int i) => i < TopK ? TopValues[((long)SlotOf[RowOf[head]] * Kept) + i] : 0f;

    /// <summary>Where one of the top logits of a head row will be; behind the last of them, where that is.</summary>
    public ulong AddressOfTop(int head, int i) =>
        PtxInstructions.AddressOf(ref TopValues[((long)SlotOf[RowOf[head]] * Kept) + IntrinsicMath.Min(i, TopK - 1)]);

    private ulong AddressOf(int head, int feature) =>
        StateOf(feature / Width) + ((((ulong)RowOf[head] * (ulong)Width) + (ulong)(feature % Width)) * sizeof(float));

    private ulong StateOf(int i)
    {
        if (i == 0) return A;
        if (i == 1) return B;
        if (i == 2) return C;
        if (i == 3) return D;
        return i == 4 ? E : F;
    }
}
