namespace TaH.Kernels;

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
