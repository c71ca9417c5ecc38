using System.Numerics;

namespace TaH.Kernels;

/// <summary>How a product of a batch is spread over a card.</summary>
/// <param name="Blocks">Warpgroups of a group, 64 weight rows each: 1 to 3.</param>
/// <param name="Splits">Groups of a cluster, which share the columns of a tile: 1, 2, 4 or 8.</param>
/// <param name="WeightSlots">Slices of the weights that are in shared memory at a time.</param>
/// <param name="TokenSlots">Slices of x that are.</param>
internal readonly record struct BatchProductPlan(int Blocks, int Splits, int WeightSlots, int TokenSlots)
{
    /// <summary>The most groups of a cluster that every Hopper card takes.</summary>
    public const int MaxSplits = 8;

    private const int MostWeightSlots = 8;
    private const int MostTokenSlots = 6;

    // A slot is given back only when the next slice's product has started.
    private const int LeastSlots = 2;

    // A cluster of four or eight needs so many free multiprocessors of one part of the card that all clusters fit only if multiprocessors hold two
    // groups each; of pairs, one group each will do. Two groups: half of a multiprocessor's 228 KiB, less what the driver and the kernel's scales
    // take of each. One: all slots of one warpgroup and 128 tokens, which are 162 KiB.
    private const int BytesOfOneOfTwo = 110 << 10;
    private const int BytesOfOne = 164 << 10;

    // What it costs that groups of a cluster meet at all, and each doubling of them, in rows of a slice that could be fetched instead.
    private const int MeetingCost = 20;
    private const int GatheringCost = 600;
    private const int DoublingCost = 500;

    // Tiles of one block for each multiprocessor from which on small groups, three at a time, which fetch while others store, are the fastest.
    private const int ManyTiles = 8;
    private const int SlotsOfMany = 4;
    private const int BytesOfOneOfThree = 74 << 10;

    /// <summary>
    /// Bytes of dynamic shared memory: the barriers, what the cluster sends, the slots or the sums in their place, and room to align them.
    /// </summary>
    public int MemoryBytes(int tokens)
    {
        var slots = ((WeightSlots * Blocks * BatchProduct.BlockRows) + (TokenSlots * tokens)) * BatchRing.SliceBytes;
        return 1024 + BatchRing.BarrierRoom + BatchMeeting.RoomBytes(tokens, Blocks, Splits)
            + Math.Max(slots, BatchMeeting.SumBytes(tokens, Blocks, Splits));
    }

    /// <summary>The plan whose fullest multiprocessor has the least to fetch, and to hand over to others.</summary>
    /// <param name="outers">Rows of y of each weight; of a gated product once.</param>
    /// <param name="slices">Slices of columns.</param>
    /// <param name="updates">Slices of updates, which the first group of each cluster multiplies besides.</param>
    /// <param name="rowsOfBlock">Rows of y that a warpgroup makes.</param>
    /// <param name="tokens">Tokens that the kernel is compiled for.</param>
    /// <param name="multiprocessors">Of the card.</param>
    /// <remarks>The weights of its terms were found on an H200, with 64 and 128 rows of Qwen3 0.6B.</remarks>
    public static BatchProductPlan Of(ReadOnlySpan<int> outers, int slices, int updates, int rowsOfBlock, int tokens, int multiprocessors)
    {
        if (Tiles(outers, rowsOfBlock) >= ManyTiles * multiprocessors && slices + updates >= SlotsOfMany)
            return new BatchProductPlan(Blocks: 1, Splits: 1, SlotsOfMany, SlotsOfMany).Fitting(tokens, BytesOfOneOfThree);
        var (best, least) = (default(BatchProductPlan), long.MaxValue);
        for (var blocks = 1; blocks <= BatchProduct.MaxBlocks; blocks++)
        {
            var tiles = Tiles(outers, blocks * rowsOfBlock);
            for (var splits = 1; splits <= MaxSplits && splits <= slices; splits *= 2)
            {
                var own = Pieces(slices, splits);
                var load = Pieces(tiles * splits, multiprocessors);
                var gathers = BatchGathering.Takes(tokens, splits);
                // Two to a multiprocessor: the registers of three warpgroups, or of two with the sums of many tokens, leave no room for as many more.
                var two = load > 1 || splits > 2 || (splits == 2 && !gathers);
                var plan = new BatchProductPlan(blocks, splits, Math.Min(own + updates, MostWeightSlots), Math.Min(own + updates, MostTokenSlots))
                    .Fitting(tokens, two ? BytesOfOneOfTwo : BytesOfOne);
                if ((two && blocks > (gathers ? 1 : BatchProduct.MaxBlocks - 1)) || !plan.HasSlotsFor(slices, updates)) continue;
                var meeting = splits == 1 ? 0 : (gathers ? GatheringCost : MeetingCost) + (DoublingCost * BitOperations.Log2((uint)splits));
                var cost = ((long)load * own * ((blocks * BatchProduct.BlockRows) + tokens)) + meeting;
                if (cost < least) (best, least) = (plan, cost);
            }
        }
        return best;
    }

    /// <summary>Whether there are slots enough for the slices of every group: with too few, a group would wait for itself.</summary>
    /// <param name="slices">Slices of columns.</param>
    /// <param name="updates">Slices of updates.</param>
    public bool HasSlotsFor(int slices, int updates) =>
        Math.Min(WeightSlots, TokenSlots) >= Math.Min(Pieces(slices, Splits) + updates, LeastSlots);

    private BatchProductPlan Fitting(int tokens, int bytes)
    {
        var plan = this;
        while (plan.MemoryBytes(tokens) > bytes && plan.WeightSlots + plan.TokenSlots > 2)
        {
            plan = plan.WeightSlots > plan.TokenSlots
                ? plan with { WeightSlots = plan.WeightSlots - 1 }
                : plan with { TokenSlots = plan.TokenSlots - 1 };
        }
        return plan;
    }

    private static int Tiles(ReadOnlySpan<int> outers, int rows)
    {
        var tiles = 0;
        foreach (var outer in outers) tiles += Pieces(outer, rows);
        return tiles;
    }

    private static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
