using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// Rows of x as <see cref="WeightTiles"/> reads them: bfloat16, cut into 8 x 8 matrices, everything that a chunk of columns needs side by side. Tile
/// of
/// tokens, chunk of 128 columns, 32 columns of it, term, block of eight tokens, four matrices, token, eight columns. The columns are those that
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
        var sum = 0f;
        for (var step = 0; step < WeightChunk.Columns / WeightChunk.StepColumns; step++)
        {
            var column = (chunk * WeightChunk.Columns) + (step * WeightChunk.StepColumns) + (lane % 4 * MatVecTask.Octet);
            var inside = row < task.Rows && column < task.Inner;
            var place = to + (ulong)(step * task.Terms * blocksOfTile * BlockBytes);
            sum += Pack(x, gain, ((long)row * task.Inner) + column, column, inside, place, task);
        }
        if (task.Normalize == 0) return;
        sum += Warp.ShuffleXor(sum, 1);
        sum += Warp.ShuffleXor(sum, 2);
        if (lane % 4 == 0 && row < MaxRows) squares[(chunk * MaxRows) + row] = sum;
    }

    /// <summary>Eight columns of a token. Returns the sum of their squares.</summary>
    private static float Pack(Floats x, Floats gain, long at, int column, bool inside, ulong to, PackedTokensTask task)
    {
        Quad low = default, high = default;
        var sum = 0f;
        if (inside)
        {
            (low, high) = (Load(x, at, task), Load(x, at + 4, task));
            if (task.Normalize != 0)
            {
                sum = low.Squares() + high.Squares();
                (low, high) = (low.Times(Load(gain, column, task)), high.Times(Load(gain, column + 4, task)));
            }
        }
        Store(to, low.A, low.B, task);
        Store(to + MatrixBytes, low.C, low.D, task);
        Store(to + (2 * MatrixBytes), high.A, high.B, task);
        Store(to + (3 * MatrixBytes), high.C, high.D, task);
        return sum;
    }

    private static Quad Load(Floats from, long at, PackedTokensTask task) => task.Aligned != 0
        ? PtxInstructions.LoadQuad(PtxInstructions.AddressOf(ref from[at]))
        : new Quad(from[at], from[at + 1], from[at + 2], from[at + 3]);

    /// <summary>Two neighbouring elements.</summary>
    public static void Store(ulong to, float first, float second, PackedTokensTask task)
    {
        var word = PtxTileInstructions.PackBfloat16(first, second);
        PtxTileInstructions.StoreWord(to, word);
        if (task.Terms == 1) return;
        PtxTileInstructions.StoreWord(to + (ulong)(task.Tokens / TokenBlock.Tokens * BlockBytes), PtxTileInstructions.PackBfloat16(
            first - Interop.IntAsFloat(word << 16), second - Interop.IntAsFloat(word & 0xffff0000u)));
    }
}

/// <summary>Sizes of packed tokens, as the kernel takes them.</summary>
/// <param name="Rows">Rows of x.</param>
/// <param name="Inner">Length of a row; a multiple of 8.</param>
/// <param name="Tokens">Of a tile.</param>
/// <param name="Terms">bfloat16 terms of an element.</param>
/// <param name="Normalize">1 if the gain is put on x and squares are summed.</param>
/// <param name="Aligned">1 if x and the gain start at multiples of 16 bytes.</param>
internal readonly record struct PackedTokensTask(int Rows, int Inner, int Tokens, int Terms, int Normalize, int Aligned)
{
    /// <summary>Chunks of columns.</summary>
    public int Chunks => (Inner + WeightChunk.Columns - 1) / WeightChunk.Columns;

    /// <summary>Tiles of tokens.</summary>
    public int Tiles => (Rows + Tokens - 1) / Tokens;

    /// <summary>Blocks of eight tokens in all tiles, whole or not.</summary>
    public int Blocks => Tiles * (Tokens / TokenBlock.Tokens);
}
