using System.Numerics;

namespace TaH.Kernels;

/// <summary>
/// Sizes of <see cref="TileDecodeKernel"/>, whose groups stand in a grid: [rows, key heads, blocks of heads], the last running fastest. No thread
/// divides.
/// </summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadsPerKvHead">Query heads that read the same keys and values.</param>
/// <param name="PageShift">log2 of the entries of a page.</param>
/// <param name="Depths">Depths of the grid of entries.</param>
/// <param name="MaxPages">Pages of the longest list.</param>
/// <param name="ScoreScale">What q * k is multiplied by to be a score in units of log 2.</param>
/// <param name="Epsilon">Of the norms on query and key heads.</param>
/// <param name="Narrow">1 if results are bf16; see <see cref="MixedRows"/>.</param>
internal readonly record struct TileDecodeTask(
    int Heads, int KvHeads, int HeadsPerKvHead, int PageShift, int Depths, int MaxPages, float ScoreScale, float Epsilon, int Narrow)
{
    /// <summary>Query heads of a group, at the most.</summary>
    public int HeadsOfGroup => HeadsPerKvHead < TileDecodeKernel.MaxHeads ? HeadsPerKvHead : TileDecodeKernel.MaxHeads;

    /// <summary>Cuts a pass up.</summary>
    /// <param name="shape">The sizes.</param>
    /// <param name="epsilon">Of the norms.</param>
    /// <param name="narrow">Whether results are bf16.</param>
    public static TileDecodeTask Of(DuoCausalAttentionShape shape, float epsilon, bool narrow) => new(
        shape.Heads, shape.KvHeads, shape.HeadsPerKvHead, BitOperations.Log2((uint)shape.PageSize), shape.Depths, shape.MaxPages,
        shape.Scale * MathF.Log2(MathF.E), epsilon, narrow ? 1 : 0);
}
