namespace TaH.Kernels;

/// <summary>How a launch of <see cref="WgmmaProduct"/> shares y out.</summary>
/// <param name="Columns">Columns of a tile: 256, 192, 128 or 64.</param>
/// <param name="Parts">Groups that make a tile together: 1, or of 128 columns 2.</param>
internal readonly record struct WgmmaGeometry(int Columns, int Parts = 1)
{
    /// <summary>All that there are; of equally fast ones the first is taken.</summary>
    public static readonly WgmmaGeometry[] All = [new(256), new(192), new(128), new(64), new(128, Parts: 2)];

    /// <summary>Those of gated products.</summary>
    public static readonly WgmmaGeometry[] Gated = [new(256), new(128)];

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
            tiles *= Pieces(rows, WgmmaProduct.TileRows);
            // Microseconds on an H200, fitted to fourteen shapes: a start and an end, for each slice of each wave a wait and the products, and what
            // groups hand each other.
            var wave = Pieces(inner, geometry.Parts * WgmmaProduct.Slice) * (0.045 + (0.00236 * geometry.Columns));
            var time = 3 + (Pieces(tiles, multiprocessors / geometry.Parts) * (wave + 0.5)) + (geometry.Parts > 1 ? 1.5 : 0);
            if (time < least) (best, least) = (geometry, time);
        }
        return best;
    }

    private static int Pieces(int length, int piece) => (length + piece - 1) / piece;
}
