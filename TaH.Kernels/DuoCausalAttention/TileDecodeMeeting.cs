using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// How the warps of a cluster bring their sums together; always in the same order, so that results repeat. Every warp sends what it has to the first
/// group, where a barrier counts the bytes: nobody waits for anybody else. Where that group has all of the entries, its warps meet by themselves.
/// </summary>
internal readonly struct TileDecodeMeeting
{
    private readonly TileDecodeRoom _room;
    private readonly int _rank;
    private readonly int _warps;

    /// <param name="room">Shared memory.</param>
    /// <param name="rank">The group's place in its cluster.</param>
    /// <param name="walk">Which tiles its groups have.</param>
    public TileDecodeMeeting(TileDecodeRoom room, int rank, TileDecodeWalk walk)
    {
        (_room, _rank, _warps) = (room, rank, 0);
        for (var tile = 0; tile < walk.Tiles; tile += walk.Share) _warps += IntrinsicMath.Min(TileDecodeKernel.Warps, walk.Tiles - tile);
    }

    /// <summary>Whether the group is the one that the others send to.</summary>
    public bool IsFirst => _rank == 0;

    /// <summary>Whether others send.</summary>
    private bool HasSenders => _warps > TileDecodeKernel.Warps;

    /// <summary>Says how much will come; one thread of the first group calls.</summary>
    public void Expect()
    {
        if (HasSenders) PtxInstructions.ArriveExpecting(_room.Barrier, _warps * _room.BytesOfWarp);
    }

    /// <summary>Sends a warp's sums.</summary>
    public void Send(float largest, float weight, int warp, int lane)
    {
        weight += Warp.ShuffleXor(weight, 4);
        weight += Warp.ShuffleXor(weight, 8);
        weight += Warp.ShuffleXor(weight, 16);
        int head = lane % 4, part = lane / 4, slot = (_rank * TileDecodeKernel.Warps) + warp;
        int known = head < _room.Heads ? 1 : 0, first = part == 0 ? known : 0;
        var sums = _room.Sums(slot) + (uint)(((head * 8) + part) * 4 * Word16.Bytes);
        var softmax = _room.Softmax(slot, head);
        if (HasSenders)
        {
            var barrier = PtxInstructions.InCluster(_room.Barrier, 0);
            PtxInstructions.SendTileSums(PtxInstructions.InCluster(sums, 0), barrier, known);
            PtxInstructions.SendPair(PtxInstructions.InCluster(softmax, 0), barrier, largest, weight, first);
        }
        else
        {
            PtxInstructions.StoreTileSums(sums, known);
            PtxInstructions.StoreSharedPair(softmax, largest, weight, first);
        }
    }

    /// <summary>Waits for all and makes results of them. All threads of the first group call.</summary>
    /// <param name="mixed">[rows, heads, headDim].</param>
    /// <param name="firstHead">row * heads + the group's first head.</param>
    /// <param name="known">How many of the group's heads there are.</param>
    /// <param name="narrow">1 if results are bf16; see <see cref="MixedRows"/>.</param>
    public void Finish(Floats mixed, long firstHead, int known, int narrow)
    {
        if (HasSenders) PtxInstructions.WaitForCluster(_room.Barrier, 0);
        else Group.Barrier();
        // A thread takes four elements of a head.
        int place = Group.IdxX, head = place / 32;
        if (head >= known) return;
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
        var element = ((firstHead + head) * TileDecodeKernel.HeadDim) + (place % 4 * 16) + (place % 32 / 4);
        MixedRows.Store(mixed, element, sums.A * inverse, narrow);
        MixedRows.Store(mixed, element + 8, sums.B * inverse, narrow);
        MixedRows.Store(mixed, element + 64, sums.C * inverse, narrow);
        MixedRows.Store(mixed, element + 72, sums.D * inverse, narrow);
    }
}
