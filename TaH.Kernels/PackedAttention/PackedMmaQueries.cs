using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Ampere and newer, dq: a group takes up to 128 rows of one sequence and head, 32 a warp, and blocks of 32 entries, of which the next is on its way.
/// Operands of products are bf16, gradients of scores among them; everything else is f32.
/// </summary>
internal static class PackedMmaQueries
{
    private const int Block = 32;

    /// <summary>Bytes of dynamic shared memory: queries, their gradients, two stages of keys and values, and room to align.</summary>
    public static int SharedBytes(int headDim) =>
        (((2 * AttentionRanges.RowTileSize) + (4 * Block)) * headDim * sizeof(ushort)) + PackedLines.Alignment;

    /// <summary>One tile of rows and one head a group.</summary>
    /// <typeparam name="TScores">32 rows and 32 columns.</typeparam>
    /// <typeparam name="TSums">32 rows and the elements of a head.</typeparam>
    public static void Run<TScores, TSums>(PackedMmaTask task)
        where TScores : unmanaged, IPackedTile<TScores> where TSums : unmanaged, IPackedTile<TSums>
    {
        var lineBytes = PackedLines.LineBytes<TSums>();
        var room = PackedLines.Room();
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int tile = Grid.IdxX / task.Heads, head = Grid.IdxX % task.Heads, lane = Group.IdxX % 32;
        int first = task.Tiles[2 * tile], count = task.Tiles[(2 * tile) + 1];
        var at = task.RowAt(first, head, lineBytes);
        var tileBytes = (ulong)(AttentionRanges.RowTileSize * lineBytes);
        PackedLines.Copy(task.Query + at, room, AttentionRanges.RowTileSize, lineBytes);
        PackedLines.Copy(task.Gradient + at, room + tileBytes, AttentionRanges.RowTileSize, lineBytes);
        var stages = room + (2 * tileBytes);
        var block = task.Next(PackedEntryBlock.None, first + count - 1, Block);
        Fetch(task, block, head, stages, lineBytes);
        var fromWarp = Group.IdxX / 32 * 32;
        var rows = new PackedWarpRows(first + fromWarp, count - fromWarp, lane);
        var query = PackedLines.OfRows(room + (ulong)(fromWarp * lineBytes), lineBytes, lane);
        var statistics = task.Statistics + task.RowAt(first + fromWarp, head, sizeof(float));
        Quad logSums = rows.Load(statistics), deltas = rows.Load(statistics + task.ToDeltas);
        var sums = default(TSums);
        var stage = 0;
        while (block.Depth < task.Depths)
        {
            PtxInstructions.WaitForCopies();
            Group.Barrier(); // the block is there for all, and nobody reads the one that is overwritten next
            var next = task.Next(block, first + count - 1, Block);
            Fetch(task, next, head, stages + (ulong)((stage ^ 1) * 2 * Block * lineBytes), lineBytes);
            var keys = stages + (ulong)(stage * 2 * Block * lineBytes);
            var weights = PackedLines.Multiply<TScores, TSums>(query, PackedLines.OfColumns(keys, lineBytes, lane));
            if (!rows.SeeAll(task, block, Block)) weights = default(TScores).Mask(weights, rows.Limits(task, block), 0);
            weights = default(TScores).Weigh(weights, task.ScoreScale, logSums);
            var gradients = PackedLines.Multiply<TScores, TSums>(
                query + tileBytes, PackedLines.OfColumns(keys + (ulong)(Block * lineBytes), lineBytes, lane));
            gradients = default(TScores).Gradients(weights, gradients, deltas);
            sums = default(TScores).Mix(gradients, sums, PackedLines.OfRows(keys, lineBytes, lane), lineBytes);
            block = next;
            stage ^= 1;
        }
        sums = default(TSums).Scale(sums, new Quad(task.Scale, task.Scale, task.Scale, task.Scale));
        default(TSums).Store(sums, rows.Target(task, head, lineBytes), 0);
    }

    private static void Fetch(PackedMmaTask task, PackedEntryBlock block, int head, ulong keys, int lineBytes)
    {
        if (block.Depth < task.Depths)
        {
            var at = task.EntryAt(block.Entry, head / task.HeadsPerKvHead, lineBytes);
            PackedLines.Copy(task.Key + at, keys, Block, lineBytes);
            PackedLines.Copy(task.Value + at, keys + (ulong)(Block * lineBytes), Block, lineBytes);
        }
        PtxInstructions.CloseCopies();
    }
}
