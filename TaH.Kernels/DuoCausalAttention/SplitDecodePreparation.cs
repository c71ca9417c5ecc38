using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// A warp makes one head ready, four elements a thread: the formulas of <see cref="RotateAndStore"/>. Weights and angles are fetched before there is
/// anything to put them on. Threads past a narrow head's end repeat its elements.
/// </summary>
internal readonly struct SplitDecodePreparation<TLanes> where TLanes : struct, IEntryLanes
{
    private readonly Quad _gain;
    private readonly Quad _cosines;
    private readonly Quad _sines;
    private readonly int _element;
    private readonly bool _writes;

    /// <param name="weights">Norms and angles.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="row">The row.</param>
    /// <param name="norm">0: of a query; 1: of a key.</param>
    /// <param name="lane">The thread's place in its warp.</param>
    public SplitDecodePreparation(SplitDecodeWeights weights, SplitDecodeRows rows, int row, int norm, int lane)
    {
        _element = lane % Team * 4;
        _writes = lane < Team;
        var gain = norm == 0 ? PtxInstructions.AddressOf(ref weights.QueryNorm[_element]) : PtxInstructions.AddressOf(ref weights.KeyNorm[_element]);
        _gain = PtxInstructions.LoadQuadAhead(gain);
        var half = HeadDim / 2;
        var angles = ((long)rows.Positions[row] * HeadDim) + (_element % half); // rope[position, 0]
        _cosines = PtxInstructions.LoadQuadAhead(PtxInstructions.AddressOf(ref weights.Rope[angles]));
        _sines = PtxInstructions.LoadQuadAhead(PtxInstructions.AddressOf(ref weights.Rope[angles + half])).Scaled(_element < half ? -1f : 1f);
    }

    /// <summary>Threads that hold a head.</summary>
    private static int Team => 2 * default(TLanes).Count;

    private static int HeadDim => 8 * default(TLanes).Count;

    /// <summary>Four elements of a head, each thread's, normed and rotated.</summary>
    public Quad Turned(Quad head, float epsilon)
    {
        var scale = PtxInstructions.ReciprocalRoot((LaneTeam.Sum(head.Squares(), Team) * (1f / HeadDim)) + epsilon);
        var normed = head.Scaled(scale).Times(_gain);
        var partner = LaneTeam.Exchange(normed, Team / 2); // half a head away; its sine has the sign
        var (cosine, sine) = (normed.Times(_cosines), partner.Times(_sines));
        return new Quad(cosine.A + sine.A, cosine.B + sine.B, cosine.C + sine.C, cosine.D + sine.D);
    }

    /// <summary>Norms, rotates and scales a query head into shared memory; zeros where there is none.</summary>
    /// <param name="source">[rows, heads, headDim].</param>
    /// <param name="head">Which: row * heads + head.</param>
    /// <param name="exists">Whether there is one.</param>
    /// <param name="queries">[heads of the group, headDim].</param>
    /// <param name="place">Its place there.</param>
    /// <param name="task">The sizes.</param>
    public void Query(Floats source, long head, bool exists, Floats queries, int place, SplitDecodeTask task)
    {
        var rotated = exists ? Turned(Load(source, head), task.Epsilon).Scaled(task.ScoreScale) : default;
        if (_writes) PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref queries[(place * HeadDim) + _element]), rotated);
    }

    /// <summary>Makes the row's own key or value, as the cache stores it: into shared memory, and into its cell.</summary>
    /// <param name="qkv">The products.</param>
    /// <param name="memory">The cache.</param>
    /// <param name="head">Which: row * kvHeads + kvHead.</param>
    /// <param name="place">Where to: cell * kvHeads + kvHead.</param>
    /// <param name="isValue">The value; else the key.</param>
    /// <param name="stores">Whether it goes into its cell, too: one group does that.</param>
    /// <param name="elementBytes">Of the cache.</param>
    /// <param name="own">Key, then value.</param>
    /// <param name="task">The sizes.</param>
    public void Own<TEntry>(
        QkvBuffers qkv, SplitDecodeMemory memory, long head, long place, bool isValue, bool stores, int elementBytes, Floats own,
        SplitDecodeTask task)
        where TEntry : struct, IEntryFormat
    {
        var element = isValue ? Load(qkv.Value, head) : Turned(Load(qkv.Key, head), task.Epsilon);
        var cell = (isValue ? memory.Values : memory.Keys) + ((ulong)((place * HeadDim) + _element) * (ulong)elementBytes);
        element = default(TEntry).Store(cell, element, stores && _writes);
        if (_writes) PtxInstructions.StoreSharedQuad(PtxInstructions.AddressOf(ref own[(isValue ? SplitDecodeKernel.MaxHeadDim : 0) + _element]), element);
    }

    /// <summary>Norms and rotates four heads of a row into an array of bf16; those past the end repeat the last.</summary>
    /// <param name="source">[rows, heads, headDim].</param>
    /// <param name="row">The row.</param>
    /// <param name="first">The first of the four heads.</param>
    /// <param name="count">Heads of a row.</param>
    /// <param name="target">Address of [places, heads, headDim].</param>
    /// <param name="place">Which of them is the row's.</param>
    /// <param name="task">The sizes.</param>
    public void Turn(Floats source, int row, int first, int count, ulong target, int place, SplitDecodeTask task)
    {
        var (a, b, c, d) = LoadFour(source, row, first, count);
        StoreFour(Turned(a, task.Epsilon), Turned(b, task.Epsilon), Turned(c, task.Epsilon), Turned(d, task.Epsilon), first, count, target, place);
    }

    /// <summary>The same without norm and rotation.</summary>
    public void Copy(Floats source, int row, int first, int count, ulong target, int place)
    {
        var (a, b, c, d) = LoadFour(source, row, first, count);
        StoreFour(a, b, c, d, first, count, target, place);
    }

    private (Quad A, Quad B, Quad C, Quad D) LoadFour(Floats source, int row, int first, int count)
    {
        var start = (long)row * count;
        return (
            Load(source, start + first), Load(source, start + IntrinsicMath.Min(first + 1, count - 1)),
            Load(source, start + IntrinsicMath.Min(first + 2, count - 1)), Load(source, start + IntrinsicMath.Min(first + 3, count - 1)));
    }

    private void StoreFour(Quad a, Quad b, Quad c, Quad d, int first, int count, ulong target, int place)
    {
        var start = (long)place * count;
        Store(a, target, start + first);
        Store(b, target, start + IntrinsicMath.Min(first + 1, count - 1));
        Store(c, target, start + IntrinsicMath.Min(first + 2, count - 1));
        Store(d, target, start + IntrinsicMath.Min(first + 3, count - 1));
    }

    private void Store(Quad values, ulong heads, long head)
    {
        if (!_writes) return;
        var address = heads + ((ulong)((head * HeadDim) + _element) * sizeof(ushort));
        PtxInstructions.StoreUIntPair(address, PtxInstructions.PackBfloat16(values.A, values.B), PtxInstructions.PackBfloat16(values.C, values.D));
    }

    private Quad Load(Floats heads, long head) =>
        PtxInstructions.LoadQuad(PtxInstructions.AddressOf(ref heads[(head * HeadDim) + _element]));
}
