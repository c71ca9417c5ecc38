using ILGPU;

namespace TaH.Kernels;

/// <summary>The sums of a linear layer of parts; see <see cref="BatchParts"/>.</summary>
internal readonly struct BatchLinear : IBatchStore
{
    public int RowsOfBlock => BatchProduct.BlockRows;

    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column) =>
        slot.StartWeights(task.A.Map, tile * task.Blocks, task.Blocks, column);

    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        // such a layer has no update
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice) => slice;

    public void Store(BatchProductTask task, uint sums, Floats scales, int share)
    {
        const int TokensAtOnce = BatchProduct.WarpgroupSize / (BatchProduct.BlockRows / 4);
        var quads = task.Blocks * (BatchProduct.BlockRows / 4);
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits, quad = Group.IdxX % quads;
        var row = (tile * task.Blocks * BatchProduct.BlockRows) + (4 * quad);
        var end = IntrinsicMath.Min((split + 1) * share, task.Rows);
        if (row >= task.Parts.Outer) return;
        for (var token = (split * share) + (Group.IdxX / quads); token < end; token += TokensAtOnce)
        {
            var sum = BatchSums.Of(sums + (uint)(token * BatchProduct.PitchBytes(task.Blocks)) + (uint)(quad * Word16.Bytes), task.Splits);
            if (task.Parts.Outer == 1)
            {
                PtxInstructions.StoreUInt(
                    task.A.Y + ((ulong)token * sizeof(float)), Interop.FloatAsInt(sum.A + PtxInstructions.LoadConstantFloat(task.Parts.Bias)));
                continue;
            }
            sum = sum.Plus(PtxInstructions.LoadQuad(task.Parts.Bias + ((ulong)row * sizeof(float))));
            if (task.A.Y != 0)
            {
                var y = task.A.Y + ((((ulong)token * (ulong)task.Parts.Outer) + (ulong)row) * sizeof(float));
                if (task.Parts.Accumulate != 0) sum = sum.Plus(PtxInstructions.LoadQuad(y));
                PtxInstructions.StoreQuad(y, sum);
            }
            if (task.Parts.Target == 0) continue;
            if (task.Parts.Gelu != 0) sum = new Quad(GeluPortable.Of(sum.A), GeluPortable.Of(sum.B), GeluPortable.Of(sum.C), GeluPortable.Of(sum.D));
            BatchParts.Put(
                task.Parts.Target + (((ulong)(token * task.Parts.Pitch) + (ulong)row) * sizeof(ushort)), (ulong)(task.Parts.Low * sizeof(ushort)), sum);
        }
    }
}
