namespace TaH.Kernels;

/// <summary>Sizes of a product of many tokens with streamed weights and how it is cut up, as kernels take it.</summary>
/// <param name="Rows">Rows of x: tokens.</param>
/// <param name="FirstRow">The first of the kernel's tile of tokens; what a launch hands over is 0.</param>
/// <param name="Inner">Length of a row of x and of a weight row; a multiple of 8.</param>
/// <param name="Pairs">Pairs of weight rows.</param>
/// <param name="Splits">Groups of a cluster, which share the columns of a tile of weights: 1, 2, 4 or 8.</param>
/// <param name="SplitChunks">Chunks of columns that each of them takes in a turn; with updates one more.</param>
/// <param name="Normalize">
/// 1 if x is brought to unit root mean square: <see cref="PackedTokens"/> has put the gain on it and summed the squares.
/// </param>
/// <param name="Epsilon">Of that norm.</param>
/// <param name="Partials">Where groups that share columns leave their sums, if not in each other's reach.</param>
/// <param name="Counters">An int of zero for each tile of such groups: how many of them have come.</param>
internal readonly record struct WeightTilesTask(
    int Rows, int FirstRow, int Inner, int Pairs, int Splits, int SplitChunks, int Normalize, float Epsilon, ulong Partials, ulong Counters)
{
    /// <summary>Chunks of columns in all, the last of them perhaps not whole.</summary>
    public int Chunks => (Inner + WeightChunk.Columns - 1) / WeightChunk.Columns;
}

/// <summary>How a product is spread over a device.</summary>
/// <param name="Threads">Of a group: 128 or 256.</param>
/// <param name="Splits">Groups of a cluster.</param>
/// <param name="Workers">Clusters.</param>
internal readonly record struct WeightTilesPlan(int Threads, int Splits, int Workers)
{
    /// <summary>The most groups of a cluster that every Hopper card takes.</summary>
    public const int MaxSplits = 8;

    private const int FewTokens = 32;

    /// <summary>The most groups whose sums meet in global memory: the last one reads all of them.</summary>
    public const int MaxSplitsThroughMemory = 4;

    /// <summary>Pairs of weight rows that a group takes at a time.</summary>
    public int PairsOfTile => Threads / MatVec.WarpSize * WeightTiles.PairsOfWarp;

    /// <summary>Chunks of columns of each group of a cluster.</summary>
    /// <param name="chunks">Chunks of columns in all.</param>
    /// <param name="pairs">Pairs of weight rows.</param>
    /// <param name="updates">Whether updates make one more.</param>
    public int SplitChunks(int chunks, int pairs, bool updates)
    {
        var share = ((chunks + Splits - 1) / Splits) + (updates ? 1 : 0);
        // Two chunks take turns in a thread's registers, and the first of the next tile has to come where the first of this one was.
        return Workers * PairsOfTile < pairs ? share + (share % 2) : share;
    }

    /// <summary>
    /// Few tokens: small groups, two to a multiprocessor. Many: large ones, which bring the tokens to fewer places, one to a multiprocessor; of those
    /// in clusters a quarter less, because what is left of a part of the card may be too small for a whole cluster.
    /// </summary>
    /// <param name="pairs">Pairs of weight rows.</param>
    /// <param name="packing">The tokens.</param>
    /// <param name="multiprocessors">Of the device.</param>
    /// <param name="clusters">Whether the device has them.</param>
    /// <remarks>Measured on Hopper, over the layers of Qwen3 0.6B and 1.7B with 16, 64, 128 and 256 rows.</remarks>
    public static WeightTilesPlan Of(int pairs, PackedTokensTask packing, int multiprocessors, bool clusters)
    {
        var few = packing.Tokens <= FewTokens;
        var plan = new WeightTilesPlan(few ? MatVec.GroupSize / 2 : MatVec.GroupSize, 1, 1);
        var most = Math.Max(1, (few ? 2 : 1) * multiprocessors / packing.Tiles);
        var mostShared = few ? most : Math.Max(1, 3 * most / 4);
        var splits = clusters ? MaxSplits : MaxSplitsThroughMemory;
        while (plan.Splits < splits && 2 * plan.Splits <= packing.Chunks && 2 * plan.Splits * plan.Tiles(pairs) <= mostShared)
            plan = plan with { Splits = 2 * plan.Splits };
        return plan with { Workers = Math.Min(plan.Tiles(pairs), Math.Max(1, most / plan.Splits)) };
    }

    private int Tiles(int pairs) => (pairs + PairsOfTile - 1) / PairsOfTile;
}
