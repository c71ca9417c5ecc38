namespace TaH.Kernels;

/// <summary>How a launch shares gradients out: small ones with long sums would leave most multiprocessors idle if each tile were one group's.</summary>
/// <param name="Columns">Columns of a tile.</param>
/// <param name="Parts">Parts that each sum is shared out into; more than one are added up by a second launch.</param>
internal readonly record struct WeightGradientPlan(int Columns, int Parts)
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 128;

    /// <summary>Columns of the widest tile.</summary>
    public const int MaxColumns = 256;

    /// <summary>The plan that finishes first.</summary>
    /// <param name="choices">Columns of the tiles to choose from.</param>
    /// <param name="outers">Rows of each weight.</param>
    /// <param name="inner">Their columns.</param>
    /// <param name="rows">Length of each sum.</param>
    /// <param name="multiprocessors">Groups that run at a time; parts are no more than these have work for.</param>
    public static WeightGradientPlan Choose(ReadOnlySpan<int> choices, ReadOnlySpan<int> outers, int inner, int rows, int multiprocessors)
    {
        var (best, least) = (new WeightGradientPlan(choices[0], 1), double.MaxValue);
        var slices = Pieces(rows, WeightGradientTask.Slice);
        foreach (var columns in choices)
        {
            int tiles = 0, outer = 0;
            foreach (var one in outers) (tiles, outer) = (tiles + (Pieces(one, TileRows) * Pieces(inner, columns)), outer + one);
            for (var parts = Math.Max(1, Math.Min(multiprocessors / tiles, slices)); parts >= 1; parts /= 2)
            {
                // Microseconds on an H200: a start and an end, for each slice of each wave what a tile takes; then the parts' sums, which are written
                // and read again.
                var wave = Pieces(slices, parts) * SliceOf(columns);
                var adding = parts > 1 ? 2.5 + (8e-6 / 3 * parts * outer * inner) : 0;
                var time = 3 + (Pieces(tiles * parts, multiprocessors) * (wave + 0.5)) + adding;
                if (time < least) (best, least) = (new WeightGradientPlan(columns, parts), time);
            }
        }
        return best;
    }

    /// <summary>What a slice of a tile takes: the wider, the less for a column, as its rows' operand is fetched once.</summary>
    private static double SliceOf(int columns) => columns switch { <= 64 => 0.35, <= 128 => 0.63, <= 192 => 0.77, _ => 0.91 };

    /// <summary>Pieces of a length, the last one perhaps shorter.</summary>
    public static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
