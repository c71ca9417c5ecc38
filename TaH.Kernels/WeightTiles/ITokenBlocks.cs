namespace TaH.Kernels;

/// <summary>
/// A warp's sums of sixteen weight rows with some blocks of eight tokens, in registers: a kernel compiled for one count has no loop over them.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
/// <remarks>As <c>mma.m16n8k16</c> spreads sums over a warp: thread 4 g + t has rows g and g + 8, of each block tokens 2 t and 2 t + 1.</remarks>
internal interface ITokenBlocks<TSelf> where TSelf : unmanaged, ITokenBlocks<TSelf>
{
    /// <summary>Blocks of eight tokens.</summary>
    int Blocks { get; }

    /// <summary>
    /// sums plus the products of 32 columns of the weight rows with the tokens' elements at <paramref name="x"/>, by the warp alone.
    /// </summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="first">Eight elements of the thread's first weight row.</param>
    /// <param name="second">Eight of its second.</param>
    /// <param name="x">Where the lane's row of the first block's matrices lies in shared memory; see <see cref="PackedTokens"/>.</param>
    TSelf AddProducts(TSelf sums, Word16 first, Word16 second, ulong x);

    /// <summary>The sums that a warpgroup has made in registers of their own, from register <paramref name="from"/> on: a constant.</summary>
    TSelf FromWarpgroup(int from);

    /// <summary>Puts the sums into shared memory, block after block.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="address">Where the thread's first block goes.</param>
    /// <param name="stride">Bytes to the next.</param>
    void Put(TSelf sums, ulong address, int stride);

    /// <summary>Hands the sums over, times each token's scale.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="pairs">What takes them.</param>
    /// <param name="pair">The thread's pair of weight rows.</param>
    /// <param name="scales">[tokens of the tile].</param>
    /// <param name="token">The thread's first token in its tile.</param>
    /// <param name="task">The sizes.</param>
    void Store<TPairs>(TSelf sums, TPairs pairs, int pair, Floats scales, int token, WeightTilesTask task) where TPairs : struct, IWeightPairs;
}

/// <summary>Eight tokens.</summary>
/// <param name="Sums">First weight row with the thread's first and second token, second row with both.</param>
internal readonly record struct TokenBlock(Quad Sums) : ITokenBlocks<TokenBlock>
{
    /// <summary>Tokens of a block.</summary>
    public const int Tokens = 8;

    public int Blocks => 1;

    public TokenBlock AddProducts(TokenBlock sums, Word16 first, Word16 second, ulong x)
    {
        var b = PtxInstructions.LoadMatrices(x);
        var half = PtxInstructions.MultiplyBfloat16(sums.Sums, new Word16(first.A, second.A, first.B, second.B), b.A, b.B);
        return new TokenBlock(PtxInstructions.MultiplyBfloat16(half, new Word16(first.C, second.C, first.D, second.D), b.C, b.D));
    }

    public TokenBlock FromWarpgroup(int from) => new(new Quad(
        PtxInstructions.Sum(from), PtxInstructions.Sum(from + 1), PtxInstructions.Sum(from + 2),
        PtxInstructions.Sum(from + 3)));

    public void Put(TokenBlock sums, ulong address, int stride) => PtxInstructions.StoreSharedQuad(address, sums.Sums);

    public void Store<TPairs>(TokenBlock sums, TPairs pairs, int pair, Floats scales, int token, WeightTilesTask task)
        where TPairs : struct, IWeightPairs
    {
        var row = task.FirstRow + token;
        if (row < task.Rows) pairs.Store(pair, row, scales[token] * sums.Sums.A, scales[token] * sums.Sums.C);
        if (row + 1 < task.Rows) pairs.Store(pair, row + 1, scales[token + 1] * sums.Sums.B, scales[token + 1] * sums.Sums.D);
    }
}

/// <summary>Twice as many tokens.</summary>
internal readonly record struct TwiceAsWide<TBlocks>(TBlocks Left, TBlocks Right) : ITokenBlocks<TwiceAsWide<TBlocks>>
    where TBlocks : unmanaged, ITokenBlocks<TBlocks>
{
    public int Blocks => 2 * default(TBlocks).Blocks;

    public TwiceAsWide<TBlocks> AddProducts(TwiceAsWide<TBlocks> sums, Word16 first, Word16 second, ulong x) => new(
        default(TBlocks).AddProducts(sums.Left, first, second, x),
        default(TBlocks).AddProducts(sums.Right, first, second, x + (ulong)(default(TBlocks).Blocks * PackedTokens.BlockBytes)));

    public TwiceAsWide<TBlocks> FromWarpgroup(int from) =>
        new(default(TBlocks).FromWarpgroup(from), default(TBlocks).FromWarpgroup(from + (4 * default(TBlocks).Blocks)));

    public void Put(TwiceAsWide<TBlocks> sums, ulong address, int stride)
    {
        default(TBlocks).Put(sums.Left, address, stride);
        default(TBlocks).Put(sums.Right, address + (ulong)(default(TBlocks).Blocks * stride), stride);
    }

    public void Store<TPairs>(TwiceAsWide<TBlocks> sums, TPairs pairs, int pair, Floats scales, int token, WeightTilesTask task)
        where TPairs : struct, IWeightPairs
    {
        default(TBlocks).Store(sums.Left, pairs, pair, scales, token, task);
        default(TBlocks).Store(sums.Right, pairs, pair, scales, token + (TokenBlock.Tokens * default(TBlocks).Blocks), task);
    }
}
