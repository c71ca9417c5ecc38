using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Ampere and newer: a group takes up to 128 rows of one sequence and head, 32 a warp, and blocks of 64 entries, of which the next is on its way.
/// Queries, keys, values and weights are bf16; scores, the softmax and sums are f32. Only blocks that some row does not see whole are masked, and
/// none that no row sees is read.
/// </summary>
/// <remarks>Source: arXiv 2307.08691.</remarks>
internal static class PackedMmaForward
{
    /// <summary>Bytes of dynamic shared memory: queries, two stages of keys and values, and room to align.</summary>
    public static int SharedBytes<TScores>(int headDim) where TScores : unmanaged, IPackedTile<TScores> =>
        ((AttentionRanges.RowTileSize + (4 * 16 * default(TScores).Strips)) * headDim * sizeof(ushort)) + PackedLines.Alignment;

    /// <summary>One tile of rows and one head a group.</summary>
    /// <typeparam name="TScores">32 rows and 64 columns.</typeparam>
    /// <typeparam name="TSums">32 rows and the elements of a head.</typeparam>
    public static void Run<TScores, TSums>(PackedMmaTask task)
        where TScores : unmanaged, IPackedTile<TScores> where TSums : unmanaged, IPackedTile<TSums>
    {
        int lineBytes = PackedLines.LineBytes<TSums>(), size = 16 * default(TScores).Strips;
        var room = PackedLines.Room();
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int tile = Grid.IdxX / task.Heads, head = Grid.IdxX % task.Heads, lane = Group.IdxX % 32;
        int first = task.Tiles[2 * tile], count = task.Tiles[(2 * tile) + 1];
        PackedLines.Copy(task.Query + task.RowAt(first, head, lineBytes), room, AttentionRanges.RowTileSize, lineBytes);
        var stages = room + (ulong)(AttentionRanges.RowTileSize * lineBytes);
        var block = task.Next(PackedEntryBlock.None, first + count - 1, size);
        Fetch(task, block, size, head, stages, lineBytes);
        var fromWarp = Group.IdxX / 32 * 32;
        var rows = new PackedWarpRows(first + fromWarp, count - fromWarp, lane);
        var query = PackedLines.OfRows(room + (ulong)(fromWarp * lineBytes), lineBytes, lane);
        var sums = default(TSums);
        var largest = new Quad(HeadState.NoScore, HeadState.NoScore, HeadState.NoScore, HeadState.NoScore);
        var total = default(Quad);
        var stage = 0;
        while (block.Depth < task.Depths)
        {
            PtxInstructions.WaitForCopies();
            Group.Barrier(); // the block is there for all, and nobody reads the one that is overwritten next
            var next = task.Next(block, first + count - 1, size);
            Fetch(task, next, size, head, stages + (ulong)((stage ^ 1) * 2 * size * lineBytes), lineBytes);
            var keys = stages + (ulong)(stage * 2 * size * lineBytes);
            var scores = PackedLines.Multiply<TScores, TSums>(query, PackedLines.OfColumns(keys, lineBytes, lane));
            if (!rows.SeeAll(task, block, size)) scores = default(TScores).Mask(scores, rows.Limits(task, block), 0);
            var above = PackedWarpRows.LargestOfRow(default(TScores).Largest(scores, largest));
            scores = default(TScores).Weigh(scores, task.ScoreScale, above.Scaled(task.ScoreScale));
            var rescale = PackedWarpRows.Exp2(above.Scaled(-1f).Plus(largest).Scaled(task.ScoreScale));
            total = default(TScores).AddUp(scores, total.Times(rescale));
            sums = default(TSums).Scale(sums, rescale);
            sums = default(TScores).Mix(scores, sums, PackedLines.OfRows(keys + (ulong)(size * lineBytes), lineBytes, lane), lineBytes);
            largest = above;
            block = next;
            stage ^= 1;
        }
        total = PackedWarpRows.SumOfRow(total);
        sums = default(TSums).Scale(sums, PackedWarpRows.Reciprocal(total));
        default(TSums).Store(sums, rows.Target(task, head, lineBytes), 0);
        rows.StoreLogSums(task, head, largest.Scaled(task.ScoreScale), total);
    }

    private static void Fetch(PackedMmaTask task, PackedEntryBlock block, int size, int head, ulong keys, int lineBytes)
    {
        if (block.Depth < task.Depths)
        {
            var at = task.EntryAt(block.Entry, head / task.HeadsPerKvHead, lineBytes);
            PackedLines.Copy(task.Key + at, keys, size, lineBytes);
            PackedLines.Copy(task.Value + at, keys + (ulong)(size * lineBytes), size, lineBytes);
        }
        PtxInstructions.CloseCopies();
    }
}
