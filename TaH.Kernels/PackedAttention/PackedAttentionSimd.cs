using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// The CPU: a job is a tile of rows and one KV head. The queries of some rows, all heads that share the KV head, meet a block of entries at a time in
/// products of small matrices; the softmax goes along with them.
/// </summary>
internal static unsafe class PackedAttentionSimd
{
    /// <summary>Entries of a block, and about the queries of one: what a block works in stays in the second-level cache.</summary>
    internal const int Block = 64;

    private const int CacheLine = 64;

    public static void Run(
        CpuWorkers workers, Floats q, Floats k, Floats v, AttentionRanges ranges, Floats mixed, Floats logSums, PackedAttentionShape shape)
    {
        if (Vector512.IsHardwareAccelerated) Run<Lanes512>(workers, q, k, v, ranges, mixed, logSums, shape);
        else if (Vector256.IsHardwareAccelerated) Run<Lanes256>(workers, q, k, v, ranges, mixed, logSums, shape);
        else Run<Lanes128>(workers, q, k, v, ranges, mixed, logSums, shape);
    }

    /// <summary>With vectors of one width, whether the processor has them or not.</summary>
    public static void Run<TLanes>(
        CpuWorkers workers, Floats q, Floats k, Floats v, AttentionRanges ranges, Floats mixed, Floats logSums, PackedAttentionShape shape)
        where TLanes : struct, ILanes<TLanes>
    {
        var job = new Job<TLanes>
        {
            Q = Pointers.Of(q), K = Pointers.Of(k), V = Pointers.Of(v), Mixed = Pointers.Of(mixed), LogSums = Pointers.Of(logSums),
            Seen = new PackedSight(Pointers.Of(ranges.Ranges), shape.Depths), Tiles = ranges.RowTiles, Shape = shape,
        };
        workers.For(ranges.RowTiles.Length * shape.KvHeads, grain: 1, job);
    }

    /// <summary>Rows whose queries of one KV head make a block.</summary>
    internal static int RowsOfBlock(PackedAttentionShape shape) => Math.Max(1, Block / shape.HeadsPerKvHead);

    /// <summary>The first place at or behind an address that no vector read from straddles two cache lines.</summary>
    internal static float* Align(float* memory) => (float*)(((nint)memory + CacheLine - 1) & -CacheLine);

    /// <summary>Floats lost by <see cref="Align"/> at most.</summary>
    internal const int AlignFloats = CacheLine / sizeof(float);

    private struct Job<TLanes> : ICpuJob where TLanes : struct, ILanes<TLanes>
    {
        public float* Q, K, V, Mixed, LogSums;
        public PackedSight Seen;
        public PackedSpan[] Tiles;
        public PackedAttentionShape Shape;

        private readonly int Queries => RowsOfBlock(Shape) * Shape.HeadsPerKvHead;

        [SkipLocalsInit]
        public readonly void Run(int start, int end)
        {
            int dim = Shape.HeadDim, width = PackedPanels<TLanes>.Width(dim), queries = PackedPanels<TLanes>.Padded(Queries);
            var room = stackalloc float[(queries * (dim + width + Block + 2)) + (Block * (dim + width)) + AlignFloats];
            var memory = Align(room);
            for (var unit = start; unit < end; unit++)
            {
                var (tile, kvHead) = Math.DivRem(unit, Shape.KvHeads);
                for (var row = Tiles[tile].First; row < Tiles[tile].End; row += RowsOfBlock(Shape))
                    Attend(memory, row, Math.Min(RowsOfBlock(Shape), Tiles[tile].End - row), kvHead);
            }
        }

        private readonly void Attend(float* memory, int row, int rows, int kvHead)
        {
            int dim = Shape.HeadDim, width = PackedPanels<TLanes>.Width(dim), group = Shape.HeadsPerKvHead, count = rows * group;
            var padded = PackedPanels<TLanes>.Padded(Queries);
            float* query = memory, keys = query + (padded * dim), values = keys + (Block * dim), sums = values + (Block * width);
            float* weights = sums + (padded * width), largest = weights + (padded * Block), total = largest + padded;
            new Span<float>(sums, padded * width).Clear();
            new Span<float>(largest, count).Fill(float.NegativeInfinity);
            new Span<float>(total, count).Clear();
            for (var own = 0; own < count; own++)
                TensorPrimitives.Multiply(new ReadOnlySpan<float>(Q + At(row, own, kvHead), dim), Shape.Scale, new Span<float>(query + (own * dim), dim));
            for (var depth = 0; depth < Shape.Depths; depth++)
            {
                var (from, to) = (Seen.Start(row, depth), Seen.End(row + rows - 1, depth));
                for (var entry = from; entry < to; entry += Block)
                {
                    var block = Math.Min(Block, to - entry);
                    var first = (((long)entry * Shape.KvHeads) + kvHead) * dim;
                    PackedPanels<TLanes>.Transpose(K + first, (long)Shape.KvHeads * dim, block, dim, keys);
                    PackedPanels<TLanes>.Copy(V + first, (long)Shape.KvHeads * dim, block, dim, values, width);
                    for (var tile = 0; tile < count; tile += TileProduct<TLanes>.Rows)
                    {
                        var end = Math.Min(tile + TileProduct<TLanes>.Rows, count);
                        var most = Seen.Within(row + ((end - 1) / group), depth, entry, block);
                        if (most == 0) continue;
                        PackedPanels<TLanes>.Multiply(query + (tile * dim), dim, end - tile, keys, dim, most, weights + (tile * Block), Block);
                        for (var own = tile; own < end; own++)
                        {
                            var seen = Seen.Within(row + (own / group), depth, entry, block);
                            var all = new Span<float>(weights + (own * Block), most);
                            all[seen..].Clear();
                            if (seen > 0) Weigh(all[..seen], new Span<float>(sums + (own * width), width), ref largest[own], ref total[own]);
                        }
                        PackedPanels<TLanes>.Mix(weights + (tile * Block), Block, end - tile, values, width, most, sums + (tile * width), accumulate: true);
                    }
                }
            }
            for (var own = 0; own < count; own++)
            {
                var target = At(row, own, kvHead);
                var share = total[own] == 0f ? 0f : 1f / total[own];
                TensorPrimitives.Multiply(new ReadOnlySpan<float>(sums + (own * width), dim), share, new Span<float>(Mixed + target, dim));
                LogSums[target / dim] = largest[own] + MathF.Log(total[own]); // both minus infinity where it saw nothing
            }
        }

        /// <summary>Scores become weights relative to the new largest score, to which the sums so far are brought, too.</summary>
        private static void Weigh(Span<float> scores, Span<float> sums, ref float largest, ref float total)
        {
            var above = MathF.Max(largest, TensorPrimitives.Max<float>(scores));
            TensorPrimitives.Subtract(scores, above, scores);
            TensorPrimitives.Exp(scores, scores);
            var rescale = MathF.Exp(largest - above); // 0 at the first block
            total = (total * rescale) + TensorPrimitives.Sum<float>(scores);
            largest = above;
            if (rescale != 1f) TensorPrimitives.Multiply(sums, rescale, sums);
        }

        /// <summary>Where a query of the block lies: query i is of row i / group.</summary>
        private readonly long At(int row, int query, int kvHead)
        {
            var (own, member) = Math.DivRem(query, Shape.HeadsPerKvHead);
            return ((((long)row + own) * Shape.Heads) + (kvHead * Shape.HeadsPerKvHead) + member) * Shape.HeadDim;
        }
    }
}
