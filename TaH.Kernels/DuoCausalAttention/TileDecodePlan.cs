namespace TaH.Kernels;

/// <summary>
/// Which passes <see cref="TileDecodeKernel"/> takes, and by how many groups each row. Measured on an H200 with the heads of Qwen3-1.7B, between
/// products that start early. A row's tiles come one behind the other, so that a long context of few rows is faster with
/// <see cref="SplitDecodeKernel"/>, which spreads it over the whole card.
/// </summary>
internal static class TileDecodePlan
{
    /// <summary>The largest cluster that every card of the generation takes.</summary>
    public const int MostGroups = 8;

    private const int ShortContext = 256;
    private const int MiddlingContext = 512;

    /// <summary>Groups that share the entries of a row, a cluster; null for none: the pass is faster otherwise.</summary>
    /// <param name="rows">Rows of the pass.</param>
    /// <param name="units">Rows times key heads times blocks of their query heads.</param>
    /// <param name="entries">What a row sees at the most, rounded up (<see cref="RowTable.VisibleBucket"/>).</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static int? GroupsFor(int rows, int units, int entries, int multiprocessors)
    {
        if (units >= multiprocessors) return 1; // the rows alone keep the card busy
        if (entries <= ShortContext && 4 * units <= multiprocessors) return rows == 1 ? 2 : 4;
        return entries <= MiddlingContext && rows > 1 && 2 * units <= multiprocessors && 4 * units > multiprocessors ? 2 : null;
    }

    /// <summary>The largest cluster for a count of heads: sums of more heads take more memory of its first group.</summary>
    public static int MostGroupsFor(int heads) => heads > 2 ? MostGroups / 2 : MostGroups;
}
