using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// The head: sums go into the slots of the rows, and the largest of each eight neighbouring tokens of the vocabulary, which are of one bucket, raises
/// the bucket's maximum.
/// </summary>
internal readonly struct BatchHead : IBatchStore
{
    private const int RunsOfBlock = BatchProduct.BlockRows / LogitsBuckets.Run;

    public int RowsOfBlock => BatchProduct.BlockRows;

    public void StartWeights(BatchProductTask task, BatchSlot slot, int tile, int column) =>
        slot.StartWeights(task.A.Map, tile * task.Blocks, task.Blocks, column);

    public void StartUpdate(BatchProductTask task, BatchSlot slot, int tile, int slice)
    {
        // the head has no update
    }

    public int ReducedSlice(BatchProductTask task, int tile, int slice) => slice;

    public void Store(BatchProductTask task, uint sums, Floats scales, int share)
    {
        const int RowsAtOnce = BatchProduct.WarpgroupSize / RunsOfBlock;
        var runs = task.Blocks * RunsOfBlock;
        int tile = Grid.IdxX / task.Splits, split = Grid.IdxX % task.Splits, run = Group.IdxX % runs;
        var token = ((tile * runs) + run) * LogitsBuckets.Run;
        if (token >= task.A.Outer) return;
        var place = sums + (uint)(run * LogitsBuckets.Run * sizeof(float));
        var end = IntrinsicMath.Min((split + 1) * share, task.Rows);
        for (var row = (split * share) + (Group.IdxX / runs); row < end; row += RowsAtOnce)
        {
            var slot = (ulong)PtxInstructions.LoadInt(task.Logits.Slots + ((ulong)row * sizeof(int)));
            var deep = PtxInstructions.LoadInt(task.Logits.Depths + ((ulong)row * sizeof(int))) > 0;
            var address = task.Logits.Accumulated + (((slot * (ulong)task.A.Outer) + (ulong)token) * sizeof(float));
            var at = place + (uint)(row * BatchProduct.PitchBytes(task.Blocks));
            var low = BatchSums.Of(at, task.Splits).Scaled(scales[row]);
            var high = BatchSums.Of(at + Word16.Bytes, task.Splits).Scaled(scales[row]);
            if (deep) // a fresh slot may hold anything, so depth 0 does not read it
            {
                low = low.Plus(PtxInstructions.LoadQuad(address));
                high = high.Plus(PtxInstructions.LoadQuad(address + Word16.Bytes));
            }
            PtxInstructions.StoreQuad(address, low);
            PtxInstructions.StoreQuad(address + Word16.Bytes, high);
            PtxInstructions.RaiseUInt(
                task.Logits.Maxima + (((slot * LogitsBuckets.Count) + (ulong)LogitsBuckets.Of(token)) * sizeof(uint)),
                XMath.Max(Largest(low), Largest(high)));
        }
    }

    private static uint Largest(Quad sums) => XMath.Max(
        XMath.Max(OrderedBits.Of(sums.A), OrderedBits.Of(sums.B)), XMath.Max(OrderedBits.Of(sums.C), OrderedBits.Of(sums.D)));
}
