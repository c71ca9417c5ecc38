using ILGPU;

namespace TaH.Kernels;

/// <summary>What stands in front of the flash kernel: a warp takes a head of a row; queries become bf16, new entries go into the cache.</summary>
internal static class FlashPreparation
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Warps of a group.</summary>
    public const int Warps = GroupSize / 32;

    /// <summary>One launch of a warp for every query, key and value head of every row.</summary>
    /// <param name="qkv">The products; only read.</param>
    /// <param name="weights">Norms and angles.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="keys">Address of the layer's keys, of bf16.</param>
    /// <param name="values">Address of its values.</param>
    /// <param name="queries">Address of [rows, heads, headDim] of bf16, written.</param>
    /// <param name="items">Heads of all rows: the warps that have work.</param>
    /// <param name="task">The sizes.</param>
    public static void Run(
        QkvBuffers qkv, SplitDecodeWeights weights, SplitDecodeRows rows, ulong keys, ulong values, ulong queries, int items, SplitDecodeTask task)
    {
        PtxInstructions.LetNextStart();
        var item = (Grid.IdxX * Warps) + (Group.IdxX / 32);
        if (item >= items) return; // a whole warp
        var heads = task.Heads + (2 * task.KvHeads);
        int row = item / heads, head = item % heads;
        var preparation = new SplitDecodePreparation<SixteenLanes>(weights, rows, row, head < task.Heads ? 0 : 1, Group.IdxX % 32, task);
        PtxInstructions.WaitForPrevious();
        if (head < task.Heads)
        {
            var place = ((long)row * task.Heads) + head;
            preparation.Store<HalfEntries<Bfloat16Format>>(preparation.Turned(qkv.Query, place, task), queries, place, task);
            return;
        }
        var kvHead = (head - task.Heads) % task.KvHeads;
        long source = ((long)row * task.KvHeads) + kvHead, cell = ((long)rows.Cells[row] * task.KvHeads) + kvHead;
        if (head < task.Heads + task.KvHeads)
            preparation.Store<HalfEntries<Bfloat16Format>>(preparation.Turned(qkv.Key, source, task), keys, cell, task);
        else
            preparation.Store<HalfEntries<Bfloat16Format>>(preparation.Plain(qkv.Value, source, task), values, cell, task);
    }
}
