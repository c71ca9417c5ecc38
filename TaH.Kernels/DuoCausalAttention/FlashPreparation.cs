using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// What stands in front of the flash kernel: a warp takes four heads of a row, all of which are on their way before it turns the first; queries
/// become bf16, new entries go into the cache.
/// </summary>
internal static class FlashPreparation
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>Warps of a group.</summary>
    public const int Warps = GroupSize / 32;

    private const int HeadsOfWarp = 4;

    /// <summary>Warps that have work.</summary>
    public static int WarpsFor(DuoCausalAttentionShape shape) => shape.Rows * (Pieces(shape.Heads) + (2 * Pieces(shape.KvHeads)));

    /// <summary>One launch.</summary>
    /// <param name="qkv">The products; only read.</param>
    /// <param name="weights">Norms and angles.</param>
    /// <param name="rows">The pass.</param>
    /// <param name="keys">Address of the layer's keys, of bf16.</param>
    /// <param name="values">Address of its values.</param>
    /// <param name="queries">Address of [rows, heads, headDim] of bf16, written.</param>
    /// <param name="warps">Warps that have work.</param>
    /// <param name="task">The sizes.</param>
    public static void Run(
        QkvBuffers qkv, SplitDecodeWeights weights, SplitDecodeRows rows, ulong keys, ulong values, ulong queries, int warps, SplitDecodeTask task)
    {
        PtxInstructions.LetNextStart();
        var warp = (Grid.IdxX * Warps) + (Group.IdxX / 32);
        if (warp >= warps) return;
        int ofQueries = Pieces(task.Heads), ofKeys = Pieces(task.KvHeads);
        int row = warp / (ofQueries + (2 * ofKeys)), piece = warp % (ofQueries + (2 * ofKeys));
        var preparation = new SplitDecodePreparation<SixteenLanes>(weights, rows, row, piece < ofQueries ? 0 : 1, Group.IdxX % 32);
        var cell = rows.Cells[row];
        PtxInstructions.WaitForPrevious();
        if (piece < ofQueries) preparation.Turn(qkv.Query, row, piece * HeadsOfWarp, task.Heads, queries, row, task);
        else if (piece < ofQueries + ofKeys) preparation.Turn(qkv.Key, row, (piece - ofQueries) * HeadsOfWarp, task.KvHeads, keys, cell, task);
        else preparation.Copy(qkv.Value, row, (piece - ofQueries - ofKeys) * HeadsOfWarp, task.KvHeads, values, cell);
    }

    private static int Pieces(int heads) => (heads + HeadsOfWarp - 1) / HeadsOfWarp;
}
