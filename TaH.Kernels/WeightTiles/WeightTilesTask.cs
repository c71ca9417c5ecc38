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
internal readonly record struct WeightTilesTask(
    int Rows, int FirstRow, int Inner, int Pairs, int Splits, int SplitChunks, int Normalize, float Epsilon)
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

    /// <summary>As many groups as there are multiprocessors: large tiles first, then clusters that share the columns, then small tiles.</summary>
    /// <param name="pairs">Pairs of weight rows.</param>
    /// <param name="chunks">Chunks of columns.</param>
    /// <param name="tokenTiles">Tiles of tokens, each of which takes the weights once more.</param>
    /// <param name="multiprocessors">Of the device.</param>
    /// <param name="clusters">Whether the device has them.</param>
    public static WeightTilesPlan Of(int pairs, int chunks, int tokenTiles, int multiprocessors, bool clusters)
    {
        var large = new WeightTilesPlan(MatVec.GroupSize, 1, 1);
        var small = large with { Threads = MatVec.GroupSize / 2 };
        var most = Math.Max(1, multiprocessors / tokenTiles);
        var plan = large.Tiles(pairs) * (clusters ? MaxSplits : 1) <= most ? small : large;
        while (clusters && plan.Splits < MaxSplits && 2 * plan.Splits <= chunks && 2 * plan.Splits * plan.Tiles(pairs) <= most)
            plan = plan with { Splits = 2 * plan.Splits };
        return plan with { Workers = Math.Min(plan.Tiles(pairs), Math.Max(1, most / plan.Splits)) };
    }

    private int Tiles(int pairs) => (pairs + PairsOfTile - 1) / PairsOfTile;
}
