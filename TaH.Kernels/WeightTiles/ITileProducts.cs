namespace TaH.Kernels;

/// <summary>How the products of a chunk of weights with tokens in shared memory are made.</summary>
/// <typeparam name="TSums">A thread's sums.</typeparam>
internal interface ITileProducts<TSums> where TSums : unmanaged, ITokenBlocks<TSums>
{
    /// <summary>bfloat16 terms that make up one element of a token: 1, or 2 for sixteen bits of mantissa.</summary>
    int Terms { get; }

    /// <summary>Comes first in a kernel.</summary>
    void Begin();

    /// <summary>Comes between the copies into shared memory and the barrier before their use.</summary>
    void ShowCopies();

    /// <summary>sums plus the products of one chunk.</summary>
    /// <param name="sums">The sums so far.</param>
    /// <param name="weights">The thread's elements.</param>
    /// <param name="tokens">Where the tokens' chunk lies in shared memory.</param>
    /// <param name="lane">The thread in its warp.</param>
    /// <param name="add">0 for the first chunk of a sum.</param>
    TSums Add(TSums sums, WeightChunk weights, ulong tokens, int lane, int add);

    /// <summary>The sums, when all chunks have been added.</summary>
    TSums Finish(TSums sums);
}

/// <summary>bfloat16 terms of an element.</summary>
internal interface ITerms
{
    int Count { get; }
}

/// <summary>Elements are rounded to bfloat16.</summary>
internal readonly struct OneTerm : ITerms
{
    public int Count => 1;
}

/// <summary>Elements are a bfloat16 and what rounding to it left over, again as bfloat16: sixteen bits of mantissa.</summary>
internal readonly struct TwoTerms : ITerms
{
    public int Count => 2;
}

/// <summary>Ampere and newer: each warp by itself, <c>mma.sync</c>.</summary>
internal readonly struct WarpProducts<TSums, TTerms> : ITileProducts<TSums>
    where TSums : unmanaged, ITokenBlocks<TSums> where TTerms : struct, ITerms
{
    public int Terms => default(TTerms).Count;

    private static ulong TermBytes => (ulong)(default(TSums).Blocks * PackedTokens.BlockBytes);

    public void Begin()
    {
    }

    public void ShowCopies()
    {
    }

    public TSums Add(TSums sums, WeightChunk weights, ulong tokens, int lane, int add)
    {
        var row = tokens + (ulong)(lane * Word16.Bytes);
        sums = Add(sums, weights.First0, weights.Second0, row);
        sums = Add(sums, weights.First1, weights.Second1, row + ((ulong)Terms * TermBytes));
        sums = Add(sums, weights.First2, weights.Second2, row + ((ulong)(2 * Terms) * TermBytes));
        return Add(sums, weights.First3, weights.Second3, row + ((ulong)(3 * Terms) * TermBytes));
    }

    public TSums Finish(TSums sums) => sums;

    private static TSums Add(TSums sums, Word16 first, Word16 second, ulong row)
    {
        sums = default(TSums).AddProducts(sums, first, second, row);
        return default(TTerms).Count == 1 ? sums : default(TSums).AddProducts(sums, first, second, row + TermBytes);
    }
}

/// <summary>Hopper: four warps together, <c>wgmma</c>, which reads the tokens from shared memory once for all four.</summary>
internal readonly struct WarpgroupProducts<TSums, TTerms> : ITileProducts<TSums>
    where TSums : unmanaged, ITokenBlocks<TSums> where TTerms : struct, ITerms
{
    // Sizes in the descriptor of an operand are in units of 16 bytes: from one 8 x 8 matrix to the next along the sum, and along the tokens.
    private const ulong Layout = (PackedTokens.MatrixBytes / 16UL << 16) | (PackedTokens.BlockBytes / 16UL << 32);

    // Above an address in shared memory stands the number of the group in its cluster; a descriptor has no place for it.
    private const ulong OffsetInGroup = 0x3ffff;

    public int Terms => default(TTerms).Count;

    private static ulong TermUnits => (ulong)(default(TSums).Blocks * PackedTokens.BlockBytes) / 16;

    public void Begin()
    {
        // Without values to begin with, products would be made one at a time.
        PtxInstructions.DeclareSums64();
        PtxInstructions.ClearSums64();
    }

    public void ShowCopies() => PtxInstructions.ShowToProducts();

    public TSums Add(TSums sums, WeightChunk weights, ulong tokens, int lane, int add)
    {
        var b = ((tokens & OffsetInGroup) >> 4) | Layout;
        PtxInstructions.FenceProducts();
        Add(weights.First0, weights.Second0, b, add);
        Add(weights.First1, weights.Second1, b + ((ulong)Terms * TermUnits), 1);
        Add(weights.First2, weights.Second2, b + ((ulong)(2 * Terms) * TermUnits), 1);
        Add(weights.First3, weights.Second3, b + ((ulong)(3 * Terms) * TermUnits), 1);
        PtxInstructions.CloseProducts();
        PtxInstructions.WaitForProducts();
        return sums;
    }

    public TSums Finish(TSums sums) => default(TSums).FromWarpgroup(0);

    private static void Add(Word16 first, Word16 second, ulong b, int add)
    {
        AddSixteen(first.A, second.A, first.B, second.B, b, add);
        AddSixteen(first.C, second.C, first.D, second.D, b + (2 * PackedTokens.MatrixBytes / 16), 1);
        if (default(TTerms).Count == 1) return;
        AddSixteen(first.A, second.A, first.B, second.B, b + TermUnits, 1);
        AddSixteen(first.C, second.C, first.D, second.D, b + TermUnits + (2 * PackedTokens.MatrixBytes / 16), 1);
    }

    private static void AddSixteen(uint a0, uint a1, uint a2, uint a3, ulong b, int add)
    {
        if (default(TSums).Blocks == 2) PtxInstructions.StartProductOfRegisters16(a0, a1, a2, a3, b, add);
        else if (default(TSums).Blocks == 4) PtxInstructions.StartProductOfRegisters32(a0, a1, a2, a3, b, add);
        else if (default(TSums).Blocks == 8) PtxInstructions.StartProductOfRegisters64(a0, a1, a2, a3, b, add);
        else PtxInstructions.StartProductOfRegisters128(a0, a1, a2, a3, b, add);
    }
}
