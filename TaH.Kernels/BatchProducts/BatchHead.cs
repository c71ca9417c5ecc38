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

    // The row's slot, and whether it is deep.
    public int NoteOf(BatchProductTask task, int token)
    {
        var at = (ulong)token * sizeof(int);
        return (PtxInstructions.LoadInt(task.Logits.Slots + at) * 2) + (PtxInstructions.LoadInt(task.Logits.Depths + at) > 0 ? 1 : 0);
    }

    public BatchAhead Ahead(BatchProductTask task, int place) => default;

    public void Store(BatchProductTask task, BatchShare share, BatchAhead ahead)
    {
        const int RowsAtOnce = BatchProduct.WarpgroupSize / RunsOfBlock;
        int runs = task.Blocks * RunsOfBlock, run = Group.IdxX % runs;
        var token = ((task.Tile * runs) + run) * LogitsBuckets.Run;
        if (token >= task.A.Outer) return;
        for (var row = share.First + (Group.IdxX / runs); row < share.End; row += RowsAtOnce)
        {
            var slot = (ulong)(share.Notes[row] / 2);
            var address = task.Logits.Accumulated + (((slot * (ulong)task.A.Outer) + (ulong)token) * sizeof(float));
            Quad low = share.Of(row, run * LogitsBuckets.Run), high = share.Of(row, (run * LogitsBuckets.Run) + 4);
            if (share.Notes[row] % 2 != 0) // a fresh slot may hold anything, so depth 0 does not read it
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
