using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Ampere and newer, dk and dv: a group takes up to 64 entries of one sequence, depth and KV head, 16 a warp, and head after head of the group that
/// shares it, in blocks of 64 rows, of which the next is on its way. Weights come with entries as rows, so that they are operands where they are.
/// </summary>
internal static class PackedMmaEntries
{
    private const int Entries = AttentionRanges.EntryTileSize;
    private const int Block = 64;
    private const int StatisticsBytes = 2 * Block * sizeof(float);
    private const int EntriesOfWarp = 16;

    /// <summary>Bytes of dynamic shared memory: keys, values, two stages of queries, gradients and statistics, and room to align.</summary>
    public static int SharedBytes(int headDim) =>
        (((2 * Entries) + (4 * Block)) * headDim * sizeof(ushort)) + (2 * StatisticsBytes) + PackedLines.Alignment;

    /// <summary>One tile of entries and one KV head a group.</summary>
    /// <typeparam name="TScores">16 rows and 64 columns.</typeparam>
    /// <typeparam name="TSums">16 rows and the elements of a head.</typeparam>
    public static void Run<TScores, TSums>(PackedMmaTask task)
        where TScores : unmanaged, IPackedTile<TScores> where TSums : unmanaged, IPackedTile<TSums>
    {
        var lineBytes = PackedLines.LineBytes<TSums>();
        var room = PackedLines.Room();
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int tile = Grid.IdxX / task.KvHeads, kvHead = Grid.IdxX % task.KvHeads, lane = Group.IdxX % 32;
        int first = task.Tiles[2 * tile], count = task.Tiles[(2 * tile) + 1];
        var at = task.EntryAt(first, kvHead, lineBytes);
        var tileBytes = (ulong)(Entries * lineBytes);
        PackedLines.Copy(task.Key + at, room, Entries, lineBytes);
        PackedLines.Copy(task.Value + at, room + tileBytes, Entries, lineBytes);
        var stages = new PackedSeerStages(room + (2 * tileBytes), lineBytes, kvHead * task.HeadsPerKvHead, task.Seers[2L * first], task.Seers[(2L * first) + 1]);
        var block = new PackedSeerBlock(0, stages.Row);
        stages.Fetch(task, block, 0);
        var fromWarp = Group.IdxX / 32 * EntriesOfWarp;
        var entries = new PackedWarpEntries(first + fromWarp, count - fromWarp, lane);
        var limits = entries.FirstSeers(task);
        var whole = entries.FirstSeer(task, EntriesOfWarp - 1);
        var key = PackedLines.OfRows(room + (ulong)(fromWarp * lineBytes), lineBytes, lane);
        TSums keySums = default, valueSums = default;
        var stage = 0;
        while (block.Head < task.HeadsPerKvHead)
        {
            PtxInstructions.WaitForCopies();
            Group.Barrier(); // the block is there for all, and nobody reads the one that is overwritten next
            var row = block.Row;
            block = stages.Next(block);
            stages.Fetch(task, block, stage ^ 1);
            ulong queries = stages.Queries(stage), gradients = stages.Gradients(stage);
            var statistics = stages.Statistics(stage) + (ulong)(lane % 4 * 2 * sizeof(float));
            var weights = PackedLines.Multiply<TScores, TSums>(key, PackedLines.OfColumns(queries, lineBytes, lane));
            if (row + Block > stages.End) weights = default(TScores).Mask(weights, stages.Limits(lane), row);
            if (row < whole) weights = default(TScores).MaskBefore(weights, limits, row + (lane % 4 * 2));
            weights = default(TScores).WeighColumns(weights, task.ScoreScale, statistics);
            valueSums = default(TScores).Mix(weights, valueSums, PackedLines.OfRows(gradients, lineBytes, lane), lineBytes);
            var products = PackedLines.Multiply<TScores, TSums>(key + tileBytes, PackedLines.OfColumns(gradients, lineBytes, lane));
            products = default(TScores).GradientsOfColumns(weights, products, statistics + (Block * sizeof(float)));
            keySums = default(TScores).Mix(products, keySums, PackedLines.OfRows(queries, lineBytes, lane), lineBytes);
            stage ^= 1;
        }
        keySums = default(TSums).Scale(keySums, new Quad(task.Scale, task.Scale, task.Scale, task.Scale));
        default(TSums).Store(keySums, entries.Target(task.Target, kvHead, task.KvHeads, lineBytes), 0);
        default(TSums).Store(valueSums, entries.Target(task.Second, kvHead, task.KvHeads, lineBytes), 0);
    }

    /// <summary>The 16 entries of a warp, of which a thread has two: lane / 4 and the one 8 below.</summary>
    /// <param name="First">The warp's first entry.</param>
    /// <param name="Count">Entries from there on that are the tile's; may be none, or more than 16.</param>
    /// <param name="Lane">The thread.</param>
    private readonly record struct PackedWarpEntries(int First, int Count, int Lane)
    {
        private int Own => Lane / 4;

        /// <summary>The first row that sees each entry.</summary>
        public PackedLimits FirstSeers(PackedMmaTask task) => new(FirstSeer(task, Own), FirstSeer(task, Own + 8), 0, 0);

        /// <summary>The first row that sees an entry; no row where there is none.</summary>
        public int FirstSeer(PackedMmaTask task, int entry) => entry < Count ? task.Seers[2L * (First + entry)] : int.MaxValue;

        /// <summary>Where the entries' sums are added.</summary>
        public PackedTarget Target(ulong target, int kvHead, int kvHeads, int lineBytes)
        {
            var singleBytes = (ulong)(2 * lineBytes);
            var entry = ((ulong)(First + Own) * (ulong)kvHeads) + (ulong)kvHead;
            return new PackedTarget(target + (entry * singleBytes) + (ulong)(Lane % 4 * 2 * sizeof(float)), (ulong)kvHeads * singleBytes, Count - Own, 1);
        }
    }

    /// <summary>Rows that are taken in at a time.</summary>
    /// <param name="Head">Which of the heads that share the KV head.</param>
    /// <param name="Row">The first row.</param>
    private readonly record struct PackedSeerBlock(int Head, int Row);

    /// <summary>Blocks of rows in shared memory, two at a time: queries, gradients, statistics.</summary>
    /// <param name="Room">Where they lie.</param>
    /// <param name="LineBytes">Bytes of a line.</param>
    /// <param name="Head">The first of the heads.</param>
    /// <param name="Row">The first row.</param>
    /// <param name="End">The row behind the last.</param>
    private readonly record struct PackedSeerStages(ulong Room, int LineBytes, int Head, int Row, int End)
    {
        public ulong Queries(int stage) => Room + (ulong)(stage * 2 * Block * LineBytes);

        public ulong Gradients(int stage) => Queries(stage) + (ulong)(Block * LineBytes);

        public ulong Statistics(int stage) => Room + (ulong)((4 * Block * LineBytes) + (stage * StatisticsBytes));

        /// <summary>Where the rows end, less the thread's first column, for each of its entries.</summary>
        public PackedLimits Limits(int lane)
        {
            var end = End - (lane % 4 * 2);
            return new PackedLimits(end, end, end, end);
        }

        /// <summary>The block behind another one.</summary>
        public PackedSeerBlock Next(PackedSeerBlock block) =>
            block.Row + Block < End ? new PackedSeerBlock(block.Head, block.Row + Block) : new PackedSeerBlock(block.Head + 1, Row);

        /// <summary>Starts to copy a block, if it is of a head that there is.</summary>
        public void Fetch(PackedMmaTask task, PackedSeerBlock block, int stage)
        {
            if (block.Head < task.HeadsPerKvHead)
            {
                var at = task.RowAt(block.Row, Head + block.Head, 1);
                PackedLines.Copy(task.Query + (at * (ulong)LineBytes), Queries(stage), Block, LineBytes);
                PackedLines.Copy(task.Gradient + (at * (ulong)LineBytes), Gradients(stage), Block, LineBytes);
                var second = Group.IdxX / Block; // half of the group copies log-sums, the other half deltas
                var from = task.Statistics + ((at + (ulong)(Group.IdxX % Block)) * sizeof(float)) + ((ulong)second * task.ToDeltas);
                PtxInstructions.StartFloatCopy(Statistics(stage) + (ulong)(Group.IdxX * sizeof(float)), from);
            }
            PtxInstructions.CloseCopies();
        }
    }
}
