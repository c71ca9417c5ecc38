namespace TaH.Kernels;

/// <summary>How a launch of <see cref="WgmmaProduct"/> shares y out.</summary>
/// <param name="Columns">Columns of a tile: 256, 192, 128 or 64.</param>
/// <param name="GroupsTogether">1, or 2 for groups in pairs.</param>
internal readonly record struct WgmmaGeometry(int Columns, int GroupsTogether)
{
    /// <summary>All that there are; of equally fast ones the first is taken.</summary>
    public static readonly WgmmaGeometry[] All =
        [new(256, 1), new(256, 2), new(192, 1), new(192, 2), new(128, 1), new(128, 2), new(64, 1), new(64, 2)];

    /// <summary>Those of gated products.</summary>
    public static readonly WgmmaGeometry[] Widest = [new(256, 1), new(256, 2)];

    /// <summary>The geometry that finishes first.</summary>
    /// <param name="choices">Those to choose from.</param>
    /// <param name="rows">Rows of y.</param>
    /// <param name="inner">Length of each sum.</param>
    /// <param name="outers">Columns of y, of each weight.</param>
    /// <param name="multiprocessors">Groups that run at a time.</param>
    public static WgmmaGeometry Choose(ReadOnlySpan<WgmmaGeometry> choices, int rows, int inner, ReadOnlySpan<int> outers, int multiprocessors)
    {
        var (best, least) = (choices[0], double.MaxValue);
        foreach (var geometry in choices)
        {
            var tiles = 0;
            foreach (var outer in outers) tiles += Pieces(outer, geometry.Columns);
            tiles *= Pieces(rows, geometry.GroupsTogether * WgmmaProduct.TileRows);
            // Microseconds on an H200, fitted to five shapes: a start and an end, and for each slice of each wave a wait and the products.
            var wave = inner / WgmmaProduct.Slice * (0.033 + (0.00234 * geometry.Columns));
            var time = 3 + (Pieces(tiles, multiprocessors / geometry.GroupsTogether) * (wave + 0.5));
            if (time < least) (best, least) = (geometry, time);
        }
        return best;
    }

    private static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
