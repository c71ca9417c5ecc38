using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// The reduced inputs of up to three low-rank updates: y is bf16, a slice of columns for each, zeros behind its rank and in shallow rows.
/// </summary>
internal readonly struct BatchReduce : IBatchStore
{
    /// <summary>Elements of a row of reduced inputs.</summary>
    public const int Width = 3 * WgmmaProduct.Slice;

    public int RowsOfBlock => BatchProduct.BlockRows;

    // Rows of A past its rank are zeros.
    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column) =>
        slot.StartWeights(task.Of(tile).Map, firstBlock: 0, blocks: 1, column);

    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        // an update has no update
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice) => slice;

    public void Store(BatchProductTask task, uint sums, Floats scales, int share)
    {
        const int Quads = BatchProduct.BlockRows / 4;
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits, quad = Group.IdxX % Quads;
        var weight = task.Of(tile);
        var end = IntrinsicMath.Min((split + 1) * share, task.Rows);
        for (var token = (split * share) + (Group.IdxX / Quads); token < end; token += BatchProduct.WarpgroupSize / Quads)
        {
            var sum = BatchSums.Of(sums + (uint)(token * BatchProduct.PitchBytes(blocks: 1)) + (uint)(quad * Word16.Bytes), task.Splits);
            sum = token < task.Updates.DeepFrom ? default : sum.Scaled(weight.Scale);
            PtxInstructions.StoreUIntPair(
                weight.Y + (((ulong)(token * Width) + (ulong)(4 * quad)) * sizeof(ushort)), PtxInstructions.PackBfloat16(sum.A, sum.B),
                PtxInstructions.PackBfloat16(sum.C, sum.D));
        }
    }
}
