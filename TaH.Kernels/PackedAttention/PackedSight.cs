namespace TaH.Kernels;

/// <summary>What rows see, in host memory. Rows of one sequence see ranges with a common start.</summary>
/// <param name="ranges">[rows, depths, 2].</param>
/// <param name="depths">How many depths there are.</param>
internal readonly unsafe struct PackedSight(int* ranges, int depths)
{
    /// <summary>The first entry of a depth that the row sees.</summary>
    public int Start(int row, int depth) => ranges[2 * (((long)row * depths) + depth)];

    /// <summary>The entry behind the last.</summary>
    public int End(int row, int depth) => ranges[(2 * (((long)row * depths) + depth)) + 1];

    /// <summary>How many of a block of entries the row sees: the first ones.</summary>
    public int Within(int row, int depth, int entry, int count) => Math.Clamp(End(row, depth) - entry, 0, count);
}
