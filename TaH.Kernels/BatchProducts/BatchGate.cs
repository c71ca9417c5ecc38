using ILGPU;

namespace TaH.Kernels;

/// <summary>y is bf16 and silu(first weight's product) * second weight's product: a warpgroup has 32 rows of each.</summary>
internal readonly struct BatchGate : IBatchStore
{
    private const int Rows = BatchProduct.BlockRows / 2;
    private const int QuadsOfBlock = Rows / 4;

    public int RowsOfBlock => Rows;

    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column)
    {
        var row = tile * task.Blocks * Rows;
        Start(task, slot, column, task.A.Map, row, task.B.Map, row);
    }

    // The gate's rows meet the first slice of reduced inputs, those of the other weight the second; what lies past the end of a matrix is zero.
    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        int row = tile * task.Blocks * Rows, outside = task.A.Outer;
        Start(task, slot, column: 0, task.A.Update, slice == 0 ? row : outside, task.B.Update, slice == 0 ? outside : row);
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice) => slice;

    public void Store(BatchProductTask task, uint sums, Floats scales, int share)
    {
        const int TokensAtOnce = BatchProduct.WarpgroupSize / QuadsOfBlock;
        var quads = task.Blocks * QuadsOfBlock;
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits, quad = Group.IdxX % quads;
        var row = (tile * task.Blocks * Rows) + (4 * quad);
        var place = sums + (uint)(((quad / QuadsOfBlock * BatchProduct.BlockRows) + (quad % QuadsOfBlock * 4)) * sizeof(float));
        var end = IntrinsicMath.Min((split + 1) * share, task.Rows);
        if (row >= task.A.Outer) return;
        for (var token = (split * share) + (Group.IdxX / quads); token < end; token += TokensAtOnce)
        {
            var address = place + (uint)(token * BatchProduct.PitchBytes(task.Blocks));
            var gate = BatchSums.Of(address, task.Splits).Scaled(scales[token]);
            var up = BatchSums.Of(address + (Rows * sizeof(float)), task.Splits).Scaled(scales[token]);
            PtxInstructions.StoreUIntPair(
                task.A.Y + ((((ulong)token * (ulong)task.A.Outer) + (ulong)row) * sizeof(ushort)),
                PtxInstructions.PackBfloat16(PtxInstructions.Silu(gate.A) * up.A, PtxInstructions.Silu(gate.B) * up.B),
                PtxInstructions.PackBfloat16(PtxInstructions.Silu(gate.C) * up.C, PtxInstructions.Silu(gate.D) * up.D));
        }
    }

    private static void Start(BatchProductTask task, BatchSlot slot, int column, ulong gate, int gateRow, ulong up, int upRow)
    {
        for (var block = 0; block < task.Blocks; block++)
        {
            var memory = slot.Memory + (uint)(block * BatchProduct.BlockRows * BatchRing.SliceBytes);
            PtxInstructions.StartTile(memory, gate, column, gateRow + (block * Rows), slot.Barrier);
            PtxInstructions.StartTile(memory + (uint)(Rows * BatchRing.SliceBytes), up, column, upRow + (block * Rows), slot.Barrier);
        }
    }
}
