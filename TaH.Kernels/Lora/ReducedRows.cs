using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// The A of up to three updates that meet the same x: neighbouring rows are pairs. Their sums are the reduced inputs of the deep rows, which travel
/// from the groups that make them to all others of the launch in cells with the launch's tag.
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
/// <param name="Tags">The cells, [rows, 3 * rank], and what tells launches apart.</param>
/// <param name="Tag">Of the launch, once it is known.</param>
internal readonly record struct ReducedRows(
    ulong A, ulong B, ulong C, float ScaleA, float ScaleB, float ScaleC, int Count, int Rank, int FromRow, LoraTags Tags, uint Tag = 0) : IWeightPairs
{
    public int Pairs => Count * PairsOfOne;

    /// <summary>Elements from a row of reduced inputs to the next.</summary>
    public int Columns => 3 * Rank;

    private int PairsOfOne => (Rank + 1) / 2;

    public static ReducedRows Of(ReadOnlySpan<LoraPair> updates, int fromRow, LoraTags tags)
    {
        LoraPair first = updates[0], second = updates[updates.Length > 1 ? 1 : 0], third = updates[^1];
        return new ReducedRows(
            first.A.Address, second.A.Address, third.A.Address, first.Scale, second.Scale, third.Scale, updates.Length, first.A.Rows, fromRow, tags);
    }

    public ulong First(int pair, ulong rowBytes) => Start(pair / PairsOfOne) + ((ulong)(2 * (pair % PairsOfOne)) * rowBytes);

    public ulong Second(int pair, ulong rowBytes)
    {
        var row = (2 * (pair % PairsOfOne)) + 1;
        return Start(pair / PairsOfOne) + ((ulong)(row < Rank ? row : Rank - 1) * rowBytes);
    }

    public void Store(int pair, int row, float first, float second)
    {
        if (row < FromRow) return;
        int which = pair / PairsOfOne, element = 2 * (pair % PairsOfOne);
        var scale = which == 0 ? ScaleA : which == 1 ? ScaleB : ScaleC;
        var at = (row * Columns) + (which * Rank) + element;
        PtxInstructions.StoreTagged(Tags.Cell(at), scale * first, Tag);
        if (element + 1 < Rank) PtxInstructions.StoreTagged(Tags.Cell(at + 1), scale * second, Tag);
    }

    /// <summary>Fetches the reduced inputs, zeros for shallow rows, as soon as they are there. The group's threads share them out.</summary>
    /// <param name="target">[rows, columns], written.</param>
    /// <param name="compiledRows">Rows of x that the kernel was compiled for.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="tag">Of the launch.</param>
    public void Gather(Floats target, int compiledRows, int rows, uint tag)
    {
        var used = Count * Rank;
        if (compiledRows == 1)
        {
            for (var i = Group.IdxX; i < used; i += Group.DimX) target[i] = PtxInstructions.LoadTagged(Tags.Cell(i), tag);
            return;
        }
        for (var at = Group.IdxX; at < FromRow * Columns; at += Group.DimX) target[at] = 0;
        for (var i = Group.IdxX; i < (rows - FromRow) * used; i += Group.DimX)
        {
            var at = ((FromRow + (i / used)) * Columns) + (i % used);
            target[at] = PtxInstructions.LoadTagged(Tags.Cell(at), tag);
        }
    }

    private ulong Start(int which) => which == 0 ? A : which == 1 ? B : C;
}
