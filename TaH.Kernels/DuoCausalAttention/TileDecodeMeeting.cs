using ILGPU;

namespace TaH.Kernels;

/// <summary>How the warps of a group bring their sums together; always in the same order, so that results repeat.</summary>
internal readonly struct TileDecodeMeeting
{
    private const int ThreadsOfHead = TileDecodeKernel.HeadDim / 4;

    private readonly TileDecodeRoom _room;
    private readonly int _warps;

    /// <param name="room">Shared memory.</param>
    /// <param name="walk">How many warps have tiles.</param>
    public TileDecodeMeeting(TileDecodeRoom room, TileDecodeWalk walk) =>
        (_room, _warps) = (room, IntrinsicMath.Min(TileDecodeKernel.Warps, walk.Tiles));

    /// <summary>Leaves a warp's sums where all find them.</summary>
    public void Leave(float largest, float weight, int warp, int lane)
    {
        weight += Warp.ShuffleXor(weight, 4);
        weight += Warp.ShuffleXor(weight, 8);
        weight += Warp.ShuffleXor(weight, 16);
        int head = lane % 4, part = lane / 4;
        int known = head < _room.Heads ? 1 : 0, first = part == 0 ? known : 0;
        PtxInstructions.StoreTileSums(_room.Sums(warp) + (uint)(((head * 8) + part) * 4 * Word16.Bytes), known);
        PtxInstructions.StoreSharedPair(_room.Softmax(warp, head), largest, weight, first);
    }

    /// <summary>Waits for all and makes results of them. All threads of the group call.</summary>
    /// <param name="mixed">[rows, heads, headDim].</param>
    /// <param name="firstHead">row * heads + the group's first head.</param>
    /// <param name="known">How many of the group's heads there are.</param>
    /// <param name="narrow">1 if results are bf16; see <see cref="MixedRows"/>.</param>
    public void Finish(Floats mixed, long firstHead, int known, int narrow)
    {
        Group.Barrier();
        for (var place = Group.IdxX; place < known * ThreadsOfHead; place += Group.DimX) FinishFour(mixed, firstHead, place, narrow);
    }

    /// <summary>Four elements of a head.</summary>
    private void FinishFour(Floats mixed, long firstHead, int place, int narrow)
    {
        var head = place / ThreadsOfHead;
        var largest = HeadState.NoScore;
        for (var warp = 0; warp < _warps; warp++)
            largest = IntrinsicMath.Max(largest, PtxInstructions.LoadSharedPair(_room.Softmax(warp, head)).First);
        var weight = 0f;
        Quad sums = default;
        for (var warp = 0; warp < _warps; warp++)
        {
            var softmax = PtxInstructions.LoadSharedPair(_room.Softmax(warp, head));
            var scale = PtxInstructions.Exp2(softmax.First - largest);
            weight = PtxInstructions.MultiplyAdd(softmax.Second, scale, weight);
            sums = PtxInstructions.LoadSharedQuad(_room.Sums(warp) + (uint)(place * Word16.Bytes)).TimesPlus(scale, sums);
        }
        var inverse = PtxInstructions.Reciprocal(weight);
        var element = ((firstHead + head) * TileDecodeKernel.HeadDim) + (place % 4 * 16) + (place % ThreadsOfHead / 4);
        MixedRows.Store(mixed, element, sums.A * inverse, narrow);
        MixedRows.Store(mixed, element + 8, sums.B * inverse, narrow);
        MixedRows.Store(mixed, element + 64, sums.C * inverse, narrow);
        MixedRows.Store(mixed, element + 72, sums.D * inverse, narrow);
    }
}
