using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// The CPU: a job is a sequence and one KV head, so that nobody else writes to its gradients and scores are computed once for all three of them.
/// Blocks of entries meet blocks of queries in products of small matrices (<see cref="PackedGradientBlock{TLanes}"/>).
/// </summary>
internal static unsafe class PackedAttentionBackwardSimd
{
    public static void Run(
        CpuWorkers workers, PackedAttentionGiven given, AttentionRanges ranges, Floats dq, Floats dk, Floats dv, PackedAttentionShape shape)
    {
        if (Vector512.IsHardwareAccelerated) Run<Lanes512>(workers, given, ranges, dq, dk, dv, shape);
        else if (Vector256.IsHardwareAccelerated) Run<Lanes256>(workers, given, ranges, dq, dk, dv, shape);
        else Run<Lanes128>(workers, given, ranges, dq, dk, dv, shape);
    }

    /// <summary>With vectors of one width, whether the processor has them or not.</summary>
    public static void Run<TLanes>(
        CpuWorkers workers, PackedAttentionGiven given, AttentionRanges ranges, Floats dq, Floats dk, Floats dv, PackedAttentionShape shape)
        where TLanes : struct, ILanes<TLanes>
    {
        fixed (PackedSpan* sequences = ranges.Sequences)
        {
            var operands = new PackedGradientOperands(
                Pointers.Of(given.Q), Pointers.Of(given.K), Pointers.Of(given.V), Pointers.Of(given.Mixed), Pointers.Of(given.LogSums),
                Pointers.Of(given.DMixed), Pointers.Of(dq), Pointers.Of(dk), Pointers.Of(dv), new PackedSight(Pointers.Of(ranges.Ranges), shape.Depths));
            workers.For(ranges.Sequences.Length * shape.KvHeads, grain: 1, new Job<TLanes> { Operands = operands, Sequences = sequences, Shape = shape });
        }
    }

    private struct Job<TLanes> : ICpuJob where TLanes : struct, ILanes<TLanes>
    {
        public PackedGradientOperands Operands;
        public PackedSpan* Sequences;
        public PackedAttentionShape Shape;

        [SkipLocalsInit]
        public readonly void Run(int start, int end)
        {
            var room = stackalloc float[PackedGradientBlock<TLanes>.FloatsFor(Shape) + PackedAttentionSimd.AlignFloats];
            for (var unit = start; unit < end; unit++)
            {
                var (sequence, kvHead) = Math.DivRem(unit, Shape.KvHeads);
                var rows = Sequences[sequence];
                var block = new PackedGradientBlock<TLanes>(PackedAttentionSimd.Align(room), Operands, kvHead, Shape);
                block.ClearQueries(rows);
                for (var depth = 0; depth < Shape.Depths; depth++)
                {
                    var last = Operands.Seen.End(rows.End - 1, depth);
                    for (var entry = Operands.Seen.Start(rows.First, depth); entry < last; entry += PackedAttentionSimd.Block)
                        block.Run(rows, depth, new PackedSpan(entry, Math.Min(PackedAttentionSimd.Block, last - entry)));
                }
            }
        }
    }
}
