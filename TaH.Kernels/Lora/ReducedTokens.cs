namespace TaH.Kernels;

/// <summary>
/// The A of up to three updates that meet the same x, as <see cref="WeightTiles"/> takes them: their sums are the reduced inputs, packed as one chunk
/// of columns for the product behind. Shallow rows, and columns that no update has, are zeros.
/// </summary>
/// <param name="A">Of the first update.</param>
/// <param name="B">A of the second.</param>
/// <param name="C">A of the third.</param>
/// <param name="ScaleA">Of the first.</param>
/// <param name="ScaleB">Of the second.</param>
/// <param name="ScaleC">Of the third.</param>
/// <param name="Count">How many updates.</param>
/// <param name="Rank">Rows of each A: even.</param>
/// <param name="FromRow">The first deep row.</param>
/// <param name="Packed">Where the reduced inputs go.</param>
/// <param name="Packing">How they are packed.</param>
internal readonly record struct ReducedTokens(
    ulong A, ulong B, ulong C, float ScaleA, float ScaleB, float ScaleC, int Count, int Rank, int FromRow, ulong Packed, PackedTokensTask Packing)
    : IWeightPairs
{
    /// <summary>All columns of the chunk.</summary>
    public const int Pairs = WeightChunk.Columns / 2;

    public static ReducedTokens Of(ReadOnlySpan<LoraPair> updates, int fromRow, ulong packed, PackedTokensTask packing)
    {
        LoraPair first = updates[0], second = updates[updates.Length > 1 ? 1 : 0], third = updates[^1];
        return new ReducedTokens(
            first.A.Address, second.A.Address, third.A.Address, first.Scale, second.Scale, third.Scale, updates.Length, first.A.Rows, fromRow, packed,
            packing);
    }

    public ulong First(int pair, ulong rowBytes) => RowOf(2 * pair, rowBytes);

    public ulong Second(int pair, ulong rowBytes) => RowOf((2 * pair) + 1, rowBytes);

    public void Store(int pair, int row, float first, float second)
    {
        var which = 2 * pair / Rank;
        var updated = row >= FromRow && which < Count;
        var scale = which == 0 ? ScaleA : which == 1 ? ScaleB : ScaleC;
        PackedTokens.Store(
            Packed + PackedTokens.PlaceOf(row, 2 * pair, Packing), updated ? scale * first : 0f, updated ? scale * second : 0f, Packing);
    }

    // Columns that no update has repeat the first, and are not stored.
    private ulong RowOf(int column, ulong rowBytes)
    {
        var which = column / Rank;
        return which >= Count ? A : (which == 0 ? A : which == 1 ? B : C) + ((ulong)(column % Rank) * rowBytes);
    }
}
