using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// How the warps of a group, then the groups of a row, bring their sums together; always in the same order, so that results repeat.
/// </summary>
internal readonly struct SplitDecodeMeeting<TLanes, THeads> where TLanes : struct, IEntryLanes where THeads : unmanaged, IQueryHeads<THeads>
{
    private readonly int _unit;
    private readonly int _split;
    private readonly int _splits;
    private readonly int _narrow;
    private readonly Floats _sums;
    private readonly Floats _softmax;
    private readonly Ints _arrived;

    public SplitDecodeMeeting(int unit, int split, SplitDecodeTask task)
    {
        (_unit, _split, _splits, _narrow) = (unit, split, task.Splits, task.Narrow);
        _sums = SharedMemory.Allocate<float>(SplitDecodeKernel.Warps * SplitDecodeKernel.MaxHeads * SplitDecodeKernel.MaxHeadDim);
        _softmax = SharedMemory.Allocate<float>(SplitDecodeKernel.Warps * SplitDecodeKernel.MaxHeads * 2);
        _arrived = SharedMemory.Allocate<int>(1);
    }

    private static int Heads => default(THeads).Count;

    private static int HeadDim => default(TLanes).Count * 8;

    private static int Width => Heads * HeadDim;

    /// <summary>Every warp's sums into shared memory; all threads of the group call.</summary>
    public void Gather(THeads state, ulong part, int lane, int warp)
    {
        if (default(TLanes).Count <= 4) state = default(THeads).MergeAcross(state, 4);
        if (default(TLanes).Count <= 8) state = default(THeads).MergeAcross(state, 8);
        state = default(THeads).MergeAcross(state, 16);
        if (lane < default(TLanes).Count)
            default(THeads).Write(state, PtxInstructions.AddressOf(ref _sums[warp * Width]) + part, HeadDim * sizeof(float),
                _softmax, warp * Heads * 2);
        Group.Barrier();
    }

    /// <summary>The group's sums, divided by their weight, as results.</summary>
    /// <param name="mixed">[rows, heads, headDim].</param>
    /// <param name="firstHead">row * heads + the group's first head.</param>
    /// <param name="heads">How many of the group's heads there are.</param>
    public void Finish(Floats mixed, long firstHead, int heads)
    {
        for (var i = Group.IdxX; i < heads * HeadDim; i += SplitDecodeKernel.GroupSize)
        {
            var (sum, _, weight) = OverWarps(i);
            MixedRows.Store(mixed, (firstHead * HeadDim) + i, sum / weight, _narrow);
        }
    }

    /// <summary>The group's sums into global memory.</summary>
    public void Leave(SplitDecodeMemory memory)
    {
        var place = ((long)_unit * _splits) + _split;
        for (var i = Group.IdxX; i < Width; i += SplitDecodeKernel.GroupSize)
        {
            var (sum, largest, weight) = OverWarps(i);
            memory.Sums[(place * Width) + i] = sum;
            if (i % HeadDim != 0) continue;
            var softmax = ((place * Heads) + (i / HeadDim)) * 2;
            memory.Softmax[softmax] = largest;
            memory.Softmax[softmax + 1] = weight;
        }
    }

    /// <summary>Whether all other groups of the row's unit have left their sums; the same for every thread.</summary>
    public bool IsLast(SplitDecodeMemory memory)
    {
        Group.Barrier();
        if (Group.IdxX == 0) _arrived[0] = PtxInstructions.CountAround(PtxInstructions.AddressOfCount(ref memory.Arrivals[_unit]), _splits - 1);
        Group.Barrier();
        return _arrived[0] == _splits - 1;
    }

    /// <summary>What the groups have left, shared out among the teams of the group.</summary>
    public THeads Collect(THeads state, SplitDecodeMemory memory, int lane, int warp)
    {
        var slots = SplitDecodeKernel.WarpSize / default(TLanes).Count;
        for (var split = (warp * slots) + (lane / default(TLanes).Count); split < _splits; split += SplitDecodeKernel.Warps * slots)
        {
            var place = ((long)_unit * _splits) + split;
            var sums = (place * Width) + (lane % default(TLanes).Count * 8);
            state = default(THeads).Merge(
                state, PtxInstructions.AddressOf(ref memory.Sums[sums]), HeadDim * sizeof(float), memory.Softmax, place * Heads * 2);
        }
        return state;
    }

    private (float Sum, float Largest, float Weight) OverWarps(int i)
    {
        var head = i / HeadDim;
        var largest = HeadState.NoScore;
        for (var warp = 0; warp < SplitDecodeKernel.Warps; warp++) largest = IntrinsicMath.Max(largest, _softmax[((warp * Heads) + head) * 2]);
        float sum = 0f, weight = 0f;
        for (var warp = 0; warp < SplitDecodeKernel.Warps; warp++)
        {
            var softmax = ((warp * Heads) + head) * 2;
            var scale = PtxInstructions.Exp2(_softmax[softmax] - largest);
            weight = PtxInstructions.MultiplyAdd(_softmax[softmax + 1], scale, weight);
            sum = PtxInstructions.MultiplyAdd(_sums[(warp * Width) + i], scale, sum);
        }
        return (sum, largest, weight);
    }
}
