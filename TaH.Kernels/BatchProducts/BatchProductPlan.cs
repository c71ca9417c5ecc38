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

    // What the slots of a group may take: two kernels, one behind the other, are to find room on a multiprocessor of 227 KiB.
    private const int MostBytes = 116 << 10;

    /// <summary>Bytes of dynamic shared memory: the barriers, the slots or the sums in their place, and room to align them.</summary>
    public int MemoryBytes(int tokens)
    {
        var slots = ((WeightSlots * Blocks * BatchProduct.BlockRows) + (TokenSlots * tokens)) * BatchRing.SliceBytes;
        return 1024 + BatchRing.BarrierRoom + Math.Max(slots, tokens * BatchProduct.PitchBytes(Blocks));
    }

    /// <summary>The plan whose fullest multiprocessor has the least to fetch.</summary>
    /// <param name="outers">Rows of y of each weight; of a gated product once.</param>
    /// <param name="slices">Slices of columns.</param>
    /// <param name="rowsOfBlock">Rows of y that a warpgroup makes.</param>
    /// <param name="tokens">Tokens that the kernel is compiled for.</param>
    /// <param name="multiprocessors">Of the card.</param>
    public static BatchProductPlan Of(ReadOnlySpan<int> outers, int slices, int rowsOfBlock, int tokens, int multiprocessors)
    {
        var (best, least) = (default(BatchProductPlan), double.MaxValue);
        for (var blocks = 1; blocks <= BatchProduct.MaxBlocks; blocks++)
        {
            var tiles = 0;
            foreach (var outer in outers) tiles += Pieces(outer, blocks * rowsOfBlock);
            for (var splits = 1; splits <= MaxSplits && splits <= slices; splits *= 2)
            {
                var own = Pieces(slices, splits);
                // A sum that goes from one group to another is as much as two elements of an operand.
                var sums = splits == 1 ? 0 : 2 * blocks * BatchProduct.BlockRows * tokens / WgmmaProduct.Slice;
                var cost = (double)Pieces(tiles * splits, multiprocessors) * ((own * ((blocks * BatchProduct.BlockRows) + tokens)) + sums);
                if (cost < least) (best, least) = (new BatchProductPlan(blocks, splits, own, own), cost);
            }
        }
        return best.Fitting(tokens);
    }

    private BatchProductPlan Fitting(int tokens)
    {
        var plan = this;
        while (plan.MemoryBytes(tokens) > MostBytes && plan.TokenSlots > 2) plan = plan with { TokenSlots = plan.TokenSlots - 1 };
        while (plan.MemoryBytes(tokens) > MostBytes && plan.WeightSlots > 2) plan = plan with { WeightSlots = plan.WeightSlots - 1 };
        return plan;
    }

    private static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
