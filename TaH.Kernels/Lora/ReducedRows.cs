namespace TaH.Kernels;

/// <summary>
/// The A of up to three updates that meet the same x: neighbouring rows are pairs. Their sums are the reduced inputs, zeros for shallow rows.
/// </summary>
/// <param name="A">Of the first update.</param>
/// <param name="B">A of the second.</param>
/// <param name="C">A of the third.</param>
/// <param name="ScaleA">Of the first.</param>
/// <param name="ScaleB">Of the second.</param>
/// <param name="ScaleC">Of the third.</param>
/// <param name="Count">How many updates.</param>
/// <param name="Rank">Rows of each A.</param>
/// <param name="FromRow">The first deep row.</param>
/// <param name="Reduced">[rows, 3 * rank], written.</param>
internal readonly record struct ReducedRows(
    ulong A, ulong B, ulong C, float ScaleA, float ScaleB, float ScaleC, int Count, int Rank, int FromRow, Floats Reduced) : IWeightPairs
{
    public int Pairs => Count * PairsOfOne;

    private int PairsOfOne => (Rank + 1) / 2;

    public static ReducedRows Of(ReadOnlySpan<LoraPair> updates, int fromRow, Floats reduced)
    {
        LoraPair first = updates[0], second = updates[updates.Length > 1 ? 1 : 0], third = updates[^1];
        return new ReducedRows(
            first.A.Address, second.A.Address, third.A.Address, first.Scale, second.Scale, third.Scale, updates.Length, first.A.Rows, fromRow,
            reduced);
    }

    public ulong First(int pair, ulong rowBytes) => Start(pair / PairsOfOne) + ((ulong)(2 * (pair % PairsOfOne)) * rowBytes);

    public ulong Second(int pair, ulong rowBytes)
    {
        var row = (2 * (pair % PairsOfOne)) + 1;
        return Start(pair / PairsOfOne) + ((ulong)(row < Rank ? row : Rank - 1) * rowBytes);
    }

    public void Store(int pair, int row, float first, float second)
    {
        int which = pair / PairsOfOne, element = 2 * (pair % PairsOfOne);
        var scale = row < FromRow ? 0f : which == 0 ? ScaleA : which == 1 ? ScaleB : ScaleC;
        var at = (((row * 3) + which) * Rank) + element;
        Reduced[at] = row < FromRow ? 0f : scale * first;
        if (element + 1 < Rank) Reduced[at + 1] = row < FromRow ? 0f : scale * second;
    }

    private ulong Start(int which) => which == 0 ? A : which == 1 ? B : C;
}
