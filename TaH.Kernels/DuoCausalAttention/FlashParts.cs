using ILGPU;

namespace TaH.Kernels;

/// <summary>Where things lie in shared memory.</summary>
/// <param name="Queries">[2 heads, 2 halves, 64 rows, 128 bytes].</param>
/// <param name="Stages">[2 stages, keys and values, 2 halves, 128 entries, 128 bytes].</param>
/// <param name="Barriers">Eight bytes each.</param>
internal readonly record struct FlashRoom(uint Queries, uint Stages, uint Barriers)
{
    private const uint Tile = 2 * FlashKernel.TileEntries * 128;

    /// <summary>Completes when the queries are there.</summary>
    public uint QueriesCame => Barriers;

    /// <summary>A stage's keys.</summary>
    public uint Keys(int stage) => Stages + ((uint)stage * 2 * Tile);

    /// <summary>A stage's values.</summary>
    public uint Values(int stage) => Keys(stage) + Tile;

    /// <summary>Completes when the stage's keys are there.</summary>
    public uint KeysCame(int stage) => Barriers + 8u + ((uint)stage * 32u);

    /// <summary>Completes when every warp has left the stage's keys.</summary>
    public uint KeysUsed(int stage) => KeysCame(stage) + 8u;

    /// <summary>Completes when the stage's values are there.</summary>
    public uint ValuesCame(int stage) => KeysCame(stage) + 16u;

    /// <summary>Completes when every warp has left the stage's values.</summary>
    public uint ValuesUsed(int stage) => KeysCame(stage) + 24u;
}

/// <summary>A tile of entries.</summary>
/// <param name="Number">How many came before.</param>
/// <param name="Depth">Whose list.</param>
/// <param name="Entry">Its first entry.</param>
/// <param name="Seen">Entries of the list that some row sees.</param>
internal readonly record struct FlashPlace(int Number, int Depth, int Entry, int Seen)
{
    /// <summary>Where in shared memory it is.</summary>
    public int Stage => Number & 1;

    /// <summary>Of the stage's barriers.</summary>
    public uint Parity => (uint)(Number >> 1) & 1u;
}

/// <summary>The online softmax of a thread's two rows.</summary>
/// <param name="LargestUpper">The largest score so far, unscaled.</param>
/// <param name="LargestLower">Of the lower row.</param>
/// <param name="WeightUpper">The thread's part of the sum of weights.</param>
/// <param name="WeightLower">Of the lower row.</param>
/// <param name="RescaleUpper">What the sums of the tiles before have to be multiplied by.</param>
/// <param name="RescaleLower">Of the lower row.</param>
internal readonly record struct FlashSoftmax(
    float LargestUpper, float LargestLower, float WeightUpper, float WeightLower, float RescaleUpper, float RescaleLower)
{
    /// <summary>Before the first tile.</summary>
    public static FlashSoftmax OfNothing => new(HeadState.NoScore, HeadState.NoScore, 0f, 0f, 1f, 1f);

    /// <summary>Takes a tile's scores in and turns them into weights, relative to the new largest score.</summary>
    public FlashSoftmax Weigh(float scale)
    {
        var upper = OverRow(PtxInstructions.LargestUpper(LargestUpper));
        var lower = OverRow(PtxInstructions.LargestLower(LargestLower));
        PtxInstructions.ExponentiateScores(upper * scale, lower * scale, scale);
        var rescaleUpper = PtxInstructions.Exp2((LargestUpper - upper) * scale);
        var rescaleLower = PtxInstructions.Exp2((LargestLower - lower) * scale);
        var (weightUpper, weightLower) = (PtxInstructions.AddUpper(WeightUpper * rescaleUpper), PtxInstructions.AddLower(WeightLower * rescaleLower));
        return new FlashSoftmax(upper, lower, weightUpper, weightLower, rescaleUpper, rescaleLower);
    }

    /// <summary>What the sums have to be multiplied by; 0 for a row that saw nothing.</summary>
    public (float Upper, float Lower) Finish() => (Inverse(WeightUpper), Inverse(WeightLower));

    private static float Inverse(float weight)
    {
        weight += Warp.ShuffleXor(weight, 1);
        weight += Warp.ShuffleXor(weight, 2);
        return weight == 0f ? 0f : 1f / weight;
    }

    private static float OverRow(float largest)
    {
        largest = IntrinsicMath.Max(largest, Warp.ShuffleXor(largest, 1));
        return IntrinsicMath.Max(largest, Warp.ShuffleXor(largest, 2));
    }
}

/// <summary>A thread's two rows of a tile.</summary>
internal readonly struct FlashRows
{
    private readonly long _first;
    private readonly long _last;
    private readonly long _upper;
    private readonly long _lower;
    private readonly int _hasUpper;
    private readonly int _hasLower;
    private readonly int _column;

    /// <param name="task">The launch.</param>
    /// <param name="first">The tile's first row.</param>
    /// <param name="count">How many it has.</param>
    /// <param name="row">The upper row, from the tile's first.</param>
    /// <param name="column">The first of the thread's columns of each eight.</param>
    public FlashRows(FlashTask task, int first, int count, int row, int column)
    {
        (_first, _last) = (first, (long)first + count - 1);
        // Rows past the end repeat the last, and are not stored.
        (_upper, _lower) = (IntrinsicMath.Min(first + row, (int)_last), IntrinsicMath.Min(first + row + 8, (int)_last));
        (_hasUpper, _hasLower, _column) = (row < count ? 1 : 0, row + 8 < count ? 1 : 0, column);
    }

    /// <summary>The tile of entries behind one; its depth is beyond the grid if there is none.</summary>
    public FlashPlace Next(FlashPlace place, FlashTask task)
    {
        int depth = place.Depth, entry = place.Entry + FlashKernel.TileEntries, seen = place.Seen;
        if (place.Number < 0) (entry, seen) = (0, task.Grid.Visible[_last * task.Depths]);
        while (depth < task.Depths && entry >= seen)
        {
            depth++;
            entry = 0;
            seen = depth < task.Depths ? task.Grid.Visible[(_last * task.Depths) + depth] : 0;
        }
        return new FlashPlace(place.Number + 1, depth, entry, seen);
    }

    /// <summary>Entries of a list that every row of the tile sees.</summary>
    public int SeenByAll(int depth, FlashTask task) => task.Grid.Visible[(_first * task.Depths) + depth];

    /// <summary>Columns of a tile that each row sees, less the thread's first.</summary>
    public (int Upper, int Lower) Limits(FlashPlace place, FlashTask task) => (
        task.Grid.Visible[(_upper * task.Depths) + place.Depth] - place.Entry - _column,
        task.Grid.Visible[(_lower * task.Depths) + place.Depth] - place.Entry - _column);

    /// <summary>Writes the sums.</summary>
    public void Store(FlashTask task, int head)
    {
        var bytes = task.IsBfloat16 != 0 ? 2UL : 4UL;
        var upper = task.Mixed + (((ulong)((_upper * task.Heads) + head) * FlashKernel.HeadDim) + (ulong)_column) * bytes;
        var lower = task.Mixed + (((ulong)((_lower * task.Heads) + head) * FlashKernel.HeadDim) + (ulong)_column) * bytes;
        if (task.IsBfloat16 != 0)
        {
            PtxInstructions.StoreUpperBfloat16(upper, _hasUpper);
            PtxInstructions.StoreLowerBfloat16(lower, _hasLower);
        }
        else
        {
            PtxInstructions.StoreUpper(upper, _hasUpper);
            PtxInstructions.StoreLower(lower, _hasLower);
        }
    }
}
