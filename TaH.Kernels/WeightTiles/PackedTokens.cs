using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Rows of x as <see cref="WeightTiles"/> reads them: bfloat16, cut into 8 x 8 matrices, everything that a chunk of columns needs side by side. Tile
/// of tokens, chunk of 128 columns, 32 columns of it, term, block of eight tokens, four matrices, token, eight columns. The columns are those that
/// threads have of the weights: matrix m holds columns 8 t + 2 m and 8 t + 2 m + 1 for t = 0 to 3.
/// </summary>
internal static class PackedTokens
{
    /// <summary>The most rows.</summary>
    public const int MaxRows = 256;

    /// <summary>Bytes of an 8 x 8 matrix.</summary>
    public const int MatrixBytes = 128;

    /// <summary>Bytes of eight tokens, 32 columns.</summary>
    public const int BlockBytes = 4 * MatrixBytes;

    /// <summary>Threads of a group: eight warps, each with eight tokens and one chunk of columns.</summary>
    public const int GroupSize = 256;

    /// <summary>Bytes of one chunk of columns of a tile.</summary>
    public static int ChunkBytes(int tokens, int terms) =>
        tokens / TokenBlock.Tokens * terms * (WeightChunk.Columns / WeightChunk.StepColumns) * BlockBytes;

    /// <summary>Where two neighbouring elements of a chunk that is a tile's only one go, from the first tile on: their first term.</summary>
    public static ulong PlaceOf(int row, int column, PackedTokensTask task)
    {
        int block = row % task.Tokens / TokenBlock.Tokens, step = column / WeightChunk.StepColumns;
        return (ulong)((row / task.Tokens * ChunkBytes(task.Tokens, task.Terms))
            + (((step * task.Terms * (task.Tokens / TokenBlock.Tokens)) + block) * BlockBytes)
            + (column % MatVecTask.Octet / 2 * MatrixBytes) + (row % TokenBlock.Tokens * Word16.Bytes)
            + (column % WeightChunk.StepColumns / MatVecTask.Octet * sizeof(uint)));
    }

    /// <summary>Packs x. Tokens past the last row of x are zeros.</summary>
    /// <param name="x">[rows, inner].</param>
    /// <param name="gain">[inner]; read only if x is normalised.</param>
    /// <param name="packed">Where the packed tokens go.</param>
    /// <param name="squares">[chunks, <see cref="MaxRows"/>] the sum of squares of each chunk of each row; written only if x is normalised.</param>
    /// <param name="task">The sizes.</param>
    public static void Pack(Floats x, Floats gain, ulong packed, Floats squares, PackedTokensTask task)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        var unit = ((Grid.IdxX * GroupSize) + Group.IdxX) / MatVec.WarpSize;
        int block = unit / task.Chunks, chunk = unit % task.Chunks, lane = Group.IdxX % MatVec.WarpSize;
        if (block >= task.Blocks) return; // a whole warp
        var row = (block * TokenBlock.Tokens) + (lane / 4);
        var blocksOfTile = task.Tokens / TokenBlock.Tokens;
        var to = packed + ((ulong)((block / blocksOfTile * task.Chunks) + chunk) * (ulong)ChunkBytes(task.Tokens, task.Terms))
            + (ulong)((block % blocksOfTile * BlockBytes) + (lane * sizeof(uint)));
        // All that a thread reads is on its way before the first of it is put down.
        var first = PackedOctet.Load(x, gain, row, (chunk * WeightChunk.Columns) + (lane % 4 * MatVecTask.Octet), task);
        var second = PackedOctet.Load(x, gain, row, first.Column + WeightChunk.StepColumns, task);
        var third = PackedOctet.Load(x, gain, row, second.Column + WeightChunk.StepColumns, task);
        var fourth = PackedOctet.Load(x, gain, row, third.Column + WeightChunk.StepColumns, task);
        var stepBytes = (ulong)(task.Terms * blocksOfTile * BlockBytes);
        var sum = first.Put(to, task);
        sum += second.Put(to + stepBytes, task);
        sum += third.Put(to + (2 * stepBytes), task);
        sum += fourth.Put(to + (3 * stepBytes), task);
        if (task.Normalize == 0) return;
        sum += Warp.ShuffleXor(sum, 1);
        sum += Warp.ShuffleXor(sum, 2);
        if (lane % 4 == 0 && row < MaxRows) squares[(chunk * MaxRows) + row] = sum;
    }

    /// <summary>Two neighbouring elements.</summary>
    public static void Store(ulong to, float first, float second, PackedTokensTask task)
    {
        var word = PtxInstructions.PackBfloat16(first, second);
        PtxInstructions.StoreUInt(to, word);
        if (task.Terms == 1) return;
        PtxInstructions.StoreUInt(to + (ulong)(task.Tokens / TokenBlock.Tokens * BlockBytes), PtxInstructions.PackBfloat16(
            first - Interop.IntAsFloat(word << 16), second - Interop.IntAsFloat(word & 0xffff0000u)));
    }
}
