using System.Numerics;

namespace TaH.Kernels;

/// <summary>Sizes of split decoding and how it is cut up, as the kernel takes it.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Elements of a head.</param>
/// <param name="PageShift">log2 of the entries of a page.</param>
/// <param name="Depths">Depths of the grid.</param>
/// <param name="MaxPages">Pages of the longest list.</param>
/// <param name="Blocks">Into how many blocks the query heads of a key head are cut: a group holds four at most.</param>
/// <param name="Splits">Into how many parts the entries of a row are cut.</param>
/// <param name="ScoreScale">What q * k is multiplied by to be a score in units of log 2.</param>
/// <param name="Epsilon">Of the norms on query and key heads.</param>
/// <param name="Undivided">So many entries are not cut up at all: the groups of all parts but the first end at once.</param>
/// <param name="Narrow">1 if results are bf16; see <see cref="MixedRows"/>.</param>
internal readonly record struct SplitDecodeTask(
    int Heads, int KvHeads, int HeadDim, int PageShift, int Depths, int MaxPages, int Blocks, int Splits, float ScoreScale, float Epsilon,
    int Undivided = 0, int Narrow = 0)
{
    /// <summary>Query heads that read the same keys and values.</summary>
    public int HeadsPerKvHead => Heads / KvHeads;

    /// <summary>Groups of a row for each split.</summary>
    public int UnitsPerRow => KvHeads * Blocks;

    /// <summary>Cuts a pass up.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="heads">Query heads that a group is compiled for.</param>
    /// <param name="splits">Parts of a row's entries.</param>
    /// <param name="epsilon">Of the norms.</param>
    public static SplitDecodeTask Of(DuoCausalAttentionShape shape, int heads, int splits, float epsilon) => new(
        shape.Heads, shape.KvHeads, shape.HeadDim, BitOperations.Log2((uint)shape.PageSize), shape.Depths, shape.MaxPages,
        (shape.HeadsPerKvHead + heads - 1) / heads, splits, shape.Scale * MathF.Log2(MathF.E), epsilon);
}

/// <summary>What the rows of a pass are and see, for the kernel.</summary>
/// <param name="Positions">[rows] for the rotary embedding.</param>
/// <param name="Depths">[rows] of the row itself: its own entry is the last that it sees there.</param>
/// <param name="Cells">[rows] where its own entry goes.</param>
/// <param name="Grid">What it sees and where that lies.</param>
internal readonly record struct SplitDecodeRows(Ints Positions, Ints Depths, Ints Cells, DuoCausalGrid Grid);

/// <summary>What turns products into queries and keys.</summary>
/// <param name="QueryNorm">[headDim].</param>
/// <param name="KeyNorm">[headDim].</param>
/// <param name="Rope">[positions, headDim]; see <see cref="RopeTable"/>.</param>
internal readonly record struct SplitDecodeWeights(Floats QueryNorm, Floats KeyNorm, Floats Rope);

/// <summary>Memory that the groups of a row share.</summary>
/// <param name="Keys">Where the layer's keys start.</param>
/// <param name="Values">Where its values start.</param>
/// <param name="Sums">[units, splits, heads of a group, headDim] what each split leaves.</param>
/// <param name="Softmax">[units, splits, heads of a group, 2]: largest score and weight of each.</param>
/// <param name="Arrivals">[units] splits that have left theirs; 0 between launches.</param>
internal readonly record struct SplitDecodeMemory(ulong Keys, ulong Values, Floats Sums, Floats Softmax, Ints Arrivals);
