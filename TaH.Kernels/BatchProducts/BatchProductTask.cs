using ILGPU;

namespace TaH.Kernels;

/// <summary>One weight of a launch, and where its product goes.</summary>
/// <param name="Map">The tensor map of [outer, inner] bf16.</param>
/// <param name="Y">Where [rows, outer] starts: f32, or bf16 where a gate is applied.</param>
/// <param name="Outer">Rows of the weight: a multiple of 8.</param>
/// <param name="FirstTile">The first of the launch's tiles that are this weight's.</param>
/// <param name="Update">The tensor map of the low-rank update's B, [outer, rank], or 0.</param>
/// <param name="Scale">Of reduced inputs: what the update is scaled by.</param>
internal readonly record struct BatchWeight(ulong Map, ulong Y, int Outer, int FirstTile, ulong Update, float Scale)
{
    /// <summary>No weight.</summary>
    public static BatchWeight None => new(0, 0, 0, BatchProductTask.NoTile, 0, 0);
}

/// <summary>The low-rank updates of the deep rows.</summary>
/// <param name="Slices">Slices of reduced inputs that follow those of x; 0 if nothing is updated.</param>
/// <param name="Reduced">The tensor map of the reduced inputs, [tokens, <see cref="BatchReduce.Width"/>].</param>
/// <param name="DeepFrom">The first deep row, where reduced inputs are made.</param>
internal readonly record struct BatchUpdates(int Slices, ulong Reduced, int DeepFrom);

/// <summary>What the sums of a residual stream leave for the product behind: x times the gain of the norm that it goes through.</summary>
/// <param name="Gain">Where [hidden] starts; 0 if nothing is left.</param>
/// <param name="X">Where [rows, hidden] of bf16 starts.</param>
/// <param name="Squares">Where [rows, <see cref="SquaresPitch"/>] sums of squares of 64 columns each start.</param>
/// <param name="SquaresPitch">A multiple of 4; what lies past the last column is zero.</param>
internal readonly record struct BatchNext(ulong Gain, ulong X, ulong Squares, int SquaresPitch)
{
    /// <summary>Sums of squares of a row.</summary>
    public static int PitchOf(int hidden) => (hidden + (4 * BatchProduct.BlockRows) - 1) / (4 * BatchProduct.BlockRows) * 4;
}

/// <summary>Where the products of the head go; see <see cref="LogitsState"/>.</summary>
/// <param name="Depths">Where [rows] start.</param>
/// <param name="Slots">Where [rows] start.</param>
/// <param name="Accumulated">Where [slots, vocab] start: written at depth 0 and added to deeper.</param>
/// <param name="Maxima">Where [slots, buckets] start: raised.</param>
internal readonly record struct BatchLogits(ulong Depths, ulong Slots, ulong Accumulated, ulong Maxima);

/// <summary>A product of a batch as the kernel takes it: up to three weights that the same rows meet.</summary>
/// <param name="X">The tensor map of [rows, inner] bf16.</param>
/// <param name="FromRow">Row of the map that is the launch's first.</param>
/// <param name="Rows">Rows of x and y: at most the tokens that the kernel is compiled for.</param>
/// <param name="Tiles">Tiles of all weights.</param>
/// <param name="Inner">Length of each sum: a multiple of 8.</param>
/// <param name="Splits">Groups of a cluster, which share the columns of a tile: 1, 2, 4 or 8.</param>
/// <param name="SplitSlices">Slices of columns that each of them takes.</param>
/// <param name="ShareShift">log2 of the tokens that each of them adds the sums up of.</param>
/// <param name="Blocks">Warpgroups of a group: 64 weight rows each.</param>
/// <param name="WeightSlots">Slices of the weights that are in shared memory at a time.</param>
/// <param name="TokenSlots">Slices of x that are.</param>
/// <param name="Squares">Where the sums of squares of x start, as <see cref="BatchNext"/> has them; 0 if x is not normalised.</param>
/// <param name="Epsilon">Of that norm.</param>
/// <param name="Next">What is left for the next product.</param>
/// <param name="Logits">Where the products of the head go.</param>
/// <param name="Updates">What the first group of each cluster adds.</param>
/// <param name="Parts">The linear layer of parts that this is, if it is one.</param>
/// <param name="A">The first weight; for a gated product the gate.</param>
/// <param name="B">The second weight, or none; for a gated product the one that is gated.</param>
/// <param name="C">The third weight, or none.</param>
internal readonly record struct BatchProductTask(
    ulong X, int FromRow, int Rows, int Tiles, int Inner, int Splits, int SplitSlices, int ShareShift, int Blocks, int WeightSlots, int TokenSlots,
    ulong Squares, float Epsilon, BatchNext Next, BatchLogits Logits, BatchUpdates Updates, BatchParts Parts, BatchWeight A,
    BatchWeight B, BatchWeight C)
{
    /// <summary>The first tile of a weight that is not there.</summary>
    public const int NoTile = int.MaxValue;

    /// <summary>The group's tile. On the card only.</summary>
    public int Tile => Grid.IdxX / Splits;

    /// <summary>The group's place in its cluster. On the card only.</summary>
    public int Split => Grid.IdxX % Splits;

    /// <summary>The first token that the group adds the sums up of. On the card only.</summary>
    public int FirstToken => Split << ShareShift;

    /// <summary>Slices that a group of a cluster multiplies.</summary>
    public int SlicesOf(int split) => split == 0 ? SplitSlices + Updates.Slices : SplitSlices;

    /// <summary>The weight that a tile belongs to.</summary>
    public BatchWeight Of(int tile)
    {
        if (tile >= C.FirstTile) return C;
        return tile >= B.FirstTile ? B : A;
    }
}
