using ILGPU;

namespace TaH.Kernels;

/// <summary>The heads that a group makes of the products, a warp each: queries for its tensor cores, and the row's own key and value.</summary>
internal readonly struct TileDecodeHeads
{
    private readonly QkvBuffers _qkv;
    private readonly SplitDecodeRows _rows;
    private readonly ulong _keys;
    private readonly ulong _values;
    private readonly TileDecodeRoom _room;
    private readonly TileDecodeTask _task;
    private readonly int _row;
    private readonly int _lane;
    private readonly int _kvHead;
    private readonly bool _stores;

    /// <param name="qkv">The products.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="keys">Where the layer's keys start.</param>
    /// <param name="values">Where its values start.</param>
    /// <param name="row">The row.</param>
    /// <param name="kvHead">The key head.</param>
    /// <param name="firstHead">The first query head of the group, among those of the key head.</param>
    /// <param name="lane">The thread's place in its warp.</param>
    /// <param name="room">Where queries go.</param>
    /// <param name="task">The sizes.</param>
    public TileDecodeHeads(
        QkvBuffers qkv, SplitDecodeRows rows, ulong keys, ulong values, int row, int kvHead, int firstHead, int lane, TileDecodeRoom room,
        TileDecodeTask task)
    {
        (_qkv, _rows, _keys, _values, _room, _task) = (qkv, rows, keys, values, room, task);
        (_row, _lane, _kvHead, _stores) = (row, lane, kvHead, firstHead == 0);
        FirstHead = ((long)row * task.Heads) + (kvHead * task.HeadsPerKvHead) + firstHead;
        Known = IntrinsicMath.Min(room.Heads, task.HeadsPerKvHead - firstHead);
    }

    /// <summary>row * heads + the group's first head.</summary>
    public long FirstHead { get; }

    /// <summary>Query heads of the group.</summary>
    public int Known { get; }

    /// <summary>A weight or an element of a query as two bf16 numbers, the first one in the upper half: their sum is good to 2^-17 of it.</summary>
    public static uint Parts(float value)
    {
        var first = Interop.IntAsFloat(Interop.FloatAsInt(value) & 0xffff0000u);
        return PtxInstructions.PackBfloat16(value - first, first);
    }

    /// <summary>Fetches what does not depend on the products.</summary>
    public SplitDecodePreparation<SixteenLanes> Prepare(SplitDecodeWeights weights, int role) =>
        new(weights, _rows, _row, role < Known ? 0 : 1, _lane);

    /// <summary>Where a head's products are going to be.</summary>
    public ulong Products(int role)
    {
        var entry = ((long)_row * _task.KvHeads) + _kvHead;
        var products = PtxInstructions.AddressOf(ref _qkv.Query[(FirstHead + role) * TileDecodeKernel.HeadDim]);
        if (role == Known) products = PtxInstructions.AddressOf(ref _qkv.Key[entry * TileDecodeKernel.HeadDim]);
        if (role > Known) products = PtxInstructions.AddressOf(ref _qkv.Value[entry * TileDecodeKernel.HeadDim]);
        return PtxInstructions.KeepAddress(products + (ulong)(_lane * Word16.Bytes));
    }

    /// <summary>Makes one head.</summary>
    /// <param name="preparation">What was fetched for it.</param>
    /// <param name="products">Where its products are.</param>
    /// <param name="role">Below <see cref="Known"/> a query; then the row's own key, then its value.</param>
    public void Make(SplitDecodePreparation<SixteenLanes> preparation, ulong products, int role)
    {
        var isValue = role > Known;
        var head = PtxInstructions.LoadQuad(products);
        var turned = preparation.Turned(head, _task.Epsilon);
        if (role < Known)
        {
            var query = turned.Scaled(_task.ScoreScale);
            uint a = Parts(query.A), b = Parts(query.B), c = Parts(query.C), d = Parts(query.D);
            StoreColumn(2 * role, PtxInstructions.PickBytes(a, b, 0x7632), PtxInstructions.PickBytes(c, d, 0x7632));
            StoreColumn((2 * role) + 1, PtxInstructions.PickBytes(a, b, 0x5410), PtxInstructions.PickBytes(c, d, 0x5410));
            return;
        }
        if (!isValue) head = turned;
        uint first = PtxInstructions.PackBfloat16(head.A, head.B), second = PtxInstructions.PackBfloat16(head.C, head.D);
        // The first row of the first warp's first tile: places of row 0 are not exchanged.
        PtxInstructions.StoreSharedUIntPair(
            _room.Ring(0) + (isValue ? (uint)TileDecodeRoom.HalfBytes : 0u) + (uint)(_lane * 2 * sizeof(uint)), first, second);
        if (!_stores) return;
        var cell = (((ulong)(uint)_rows.Cells[_row] * (ulong)(uint)_task.KvHeads) + (ulong)(uint)_kvHead) * TileDecodeRoom.RowBytes;
        PtxInstructions.StoreUIntPair((isValue ? _values : _keys) + cell + (ulong)(_lane * 2 * sizeof(uint)), first, second);
    }

    private void StoreColumn(int column, uint first, uint second) => PtxInstructions.StoreSharedUIntPair(
        _room.Queries + (uint)((column * TileDecodeRoom.RowBytes) + (((_lane / 2) ^ column) * Word16.Bytes) + (_lane % 2 * 2 * sizeof(uint))),
        first, second);
}
