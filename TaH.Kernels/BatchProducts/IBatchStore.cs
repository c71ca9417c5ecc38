using ILGPU;

namespace TaH.Kernels;

/// <summary>Which weight rows make a tile, and what becomes of their sums.</summary>
internal interface IBatchStore
{
    /// <summary>Rows of y that a warpgroup makes of its 64 weight rows.</summary>
    int RowsOfBlock { get; }

    /// <summary>Starts the copies of a slice of a tile's weights.</summary>
    void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column);

    /// <summary>Starts the copies of the rows of B in one of the slices of updates.</summary>
    void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice);

    /// <summary>Which slice of the reduced inputs one of a tile's slices of updates meets.</summary>
    int ReducedSlice(BatchProductTask task, int tile, int slice);

    /// <summary>Adds the sums of the cluster's groups up for the group's share of the tokens, and hands them over.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="sums">Where each group has its own, at the same place of all.</param>
    /// <param name="scales">[tokens].</param>
    /// <param name="share">Tokens of each group of the cluster.</param>
    void Store(BatchProductTask task, uint sums, Floats scales, int share);
}

/// <summary>How the sums of four neighbouring weight rows get into y.</summary>
internal interface IBatchQuad
{
    /// <summary>What has to be read first.</summary>
    Quad Load(BatchProductTask task, ulong y, bool really);

    /// <summary>Puts them there; threads 16 n to 16 n + 15 of a warp have neighbouring quads of one token, and all come.</summary>
    void Put(BatchProductTask task, ulong y, Quad before, Quad sum, int token, int row, bool really);
}

/// <summary>y is f32: neighbouring rows of one weight.</summary>
/// <typeparam name="TQuad">Whether they replace what is there or are added to it.</typeparam>
internal readonly struct BatchRows<TQuad> : IBatchStore where TQuad : struct, IBatchQuad
{
    public int RowsOfBlock => BatchProduct.BlockRows;

    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column)
    {
        var weight = task.Of(tile);
        slot.StartWeights(weight.Map, (tile - weight.FirstTile) * task.Blocks, task.Blocks, column);
    }

    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        var weight = task.Of(tile);
        slot.StartWeights(weight.Update, (tile - weight.FirstTile) * task.Blocks, task.Blocks, column: 0);
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice)
    {
        if (tile >= task.C.FirstTile) return 2;
        return tile >= task.B.FirstTile ? 1 : 0;
    }

    public void Store(BatchProductTask task, uint sums, Floats scales, int share)
    {
        const int TokensAtOnce = BatchProduct.WarpgroupSize / (BatchProduct.BlockRows / 4);
        var quads = task.Blocks * (BatchProduct.BlockRows / 4);
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits, quad = Group.IdxX % quads;
        var weight = task.Of(tile);
        var row = ((tile - weight.FirstTile) * task.Blocks * BatchProduct.BlockRows) + (4 * quad);
        var end = (split + 1) * share;
        for (var token = (split * share) + (Group.IdxX / quads); token < end; token += TokensAtOnce)
        {
            var really = token < task.Rows && row < weight.Outer;
            var y = weight.Y + ((((ulong)token * (ulong)weight.Outer) + (ulong)row) * sizeof(float));
            var before = default(TQuad).Load(task, y, really);
            var sum = BatchSums.Of(sums + (uint)(token * BatchProduct.PitchBytes(task.Blocks)) + (uint)(quad * Word16.Bytes), task.Splits);
            default(TQuad).Put(task, y, before, sum.Scaled(scales[token]), token, row, really);
        }
    }
}

/// <summary>They replace what is there.</summary>
internal readonly struct ReplacingQuad : IBatchQuad
{
    public Quad Load(BatchProductTask task, ulong y, bool really) => default;

    public void Put(BatchProductTask task, ulong y, Quad before, Quad sum, int token, int row, bool really)
    {
        if (really) PtxInstructions.StoreQuad(y, sum);
    }
}

/// <summary>They are added to the residual stream; what that has become is left for the next product.</summary>
internal readonly struct ResidualQuad : IBatchQuad
{
    public Quad Load(BatchProductTask task, ulong y, bool really) => really ? PtxInstructions.LoadQuad(y) : default;

    public void Put(BatchProductTask task, ulong y, Quad before, Quad sum, int token, int row, bool really)
    {
        sum = really ? sum.Plus(before) : default;
        if (really) PtxInstructions.StoreQuad(y, sum);
        if (task.Next.Gain == 0) return;
        BatchInput.Leave(task.Next, task.A.Outer, token, row, sum, really);
    }
}
