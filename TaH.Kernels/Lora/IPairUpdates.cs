namespace TaH.Kernels;

/// <summary>The low-rank updates of the weight rows of a product: what has to be added to the sums of a pair of rows.</summary>
internal interface IPairUpdates
{
    /// <summary>Elements of a row of B; 0 if nothing is added.</summary>
    int Rank { get; }

    /// <summary>Elements of a row of the reduced inputs: those of every weight's A, side by side.</summary>
    int Columns { get; }

    /// <summary>The row of B of a pair's first weight row.</summary>
    UpdateRow First(int pair, ulong rowBytes);

    /// <summary>The row of B of a pair's second weight row.</summary>
    UpdateRow Second(int pair, ulong rowBytes);
}

/// <summary>A row of B.</summary>
/// <param name="Address">Where it starts.</param>
/// <param name="Column">The first of the reduced inputs that it meets.</param>
internal readonly record struct UpdateRow(ulong Address, int Column);

/// <summary>No updates.</summary>
/// <param name="Nothing">A kernel's argument needs a field.</param>
internal readonly record struct NoUpdates(int Nothing) : IPairUpdates
{
    public int Rank => 0;

    public int Columns => 0;

    public UpdateRow First(int pair, ulong rowBytes) => default;

    public UpdateRow Second(int pair, ulong rowBytes) => default;
}

/// <summary>The updates of up to three weights whose neighbouring rows are pairs; see <see cref="ThreeProjections"/>.</summary>
/// <param name="A">B of the first weight.</param>
/// <param name="B">B of the second.</param>
/// <param name="C">B of the third.</param>
/// <param name="OuterA">Rows of the first.</param>
/// <param name="OuterB">Rows of the second, or 0.</param>
/// <param name="OuterC">Rows of the third, or 0.</param>
/// <param name="Rank">Of each update.</param>
internal readonly record struct ProjectionUpdates(ulong A, ulong B, ulong C, int OuterA, int OuterB, int OuterC, int Rank) : IPairUpdates
{
    public int Columns => 3 * Rank;

    public static ProjectionUpdates Of(params ReadOnlySpan<LoraPair> updates)
    {
        ulong Address(ReadOnlySpan<LoraPair> all, int i) => i < all.Length ? all[i].B.Address : 0;
        int Outer(ReadOnlySpan<LoraPair> all, int i) => i < all.Length ? all[i].B.Rows : 0;
        return new ProjectionUpdates(
            Address(updates, 0), Address(updates, 1), Address(updates, 2), Outer(updates, 0), Outer(updates, 1), Outer(updates, 2),
            updates[0].A.Rows);
    }

    public UpdateRow First(int pair, ulong rowBytes) => RowOf(pair, 0, rowBytes);

    public UpdateRow Second(int pair, ulong rowBytes) => RowOf(pair, 1, rowBytes);

    private UpdateRow RowOf(int pair, int which, ulong rowBytes)
    {
        int pairsA = (OuterA + 1) / 2, pairsB = (OuterB + 1) / 2;
        if (pair < pairsA) return RowOf(A, (2 * pair) + which, OuterA, 0, rowBytes);
        return pair - pairsA < pairsB
            ? RowOf(B, (2 * (pair - pairsA)) + which, OuterB, Rank, rowBytes)
            : RowOf(C, (2 * (pair - pairsA - pairsB)) + which, OuterC, 2 * Rank, rowBytes);
    }

    // Half a pair repeats its first row, and stores nothing of it.
    private static UpdateRow RowOf(ulong start, int row, int outer, int column, ulong rowBytes) =>
        new(start + ((ulong)(row < outer ? row : outer - 1) * rowBytes), column);
}

/// <summary>The updates of the gate and the up weight; see <see cref="GatedRows"/>.</summary>
/// <param name="Gate">B of the gate's weight.</param>
/// <param name="Up">B of the up weight.</param>
/// <param name="Rank">Of both updates.</param>
internal readonly record struct GatedUpdates(ulong Gate, ulong Up, int Rank) : IPairUpdates
{
    public int Columns => 3 * Rank;

    public UpdateRow First(int pair, ulong rowBytes) => new(Gate + ((ulong)pair * rowBytes), 0);

    public UpdateRow Second(int pair, ulong rowBytes) => new(Up + ((ulong)pair * rowBytes), Rank);
}
