using ILGPU;

namespace TaH.Kernels;

/// <summary>One weight of a launch and where its product goes.</summary>
/// <param name="Weight">Of [outer, inner] bf16: where it starts, or on Hopper where its tensor map lies.</param>
/// <param name="Bias">Of [outer] f32, or zero.</param>
/// <param name="Y">[rows, outer], f32 or bf16.</param>
/// <param name="Outer">Rows of the weight: a multiple of 8.</param>
/// <param name="FirstTile">The first of the launch's column tiles that are this weight's.</param>
internal readonly record struct TensorColumns(ulong Weight, ulong Bias, ulong Y, int Outer, int FirstTile);

/// <summary>A launch as the kernels of tensor cores take it: up to three weights that the same x meets.</summary>
/// <param name="X">Of [rows, inner] bf16: where it starts, or on Hopper where its tensor map lies.</param>
/// <param name="FromRow">Row of the map that is the launch's first; 0 where x is an address.</param>
/// <param name="Rows">Rows of x and of y.</param>
/// <param name="Inner">Length of each sum: a multiple of 8.</param>
/// <param name="Alpha">What every sum is multiplied with.</param>
/// <param name="RowTiles">Tiles that the rows fall into, or pairs of them.</param>
/// <param name="ColumnTiles">Tiles that the columns of all weights fall into.</param>
/// <param name="A">The first weight; for a gated product the gate.</param>
/// <param name="B">The second weight, or none; for a gated product the one that is gated.</param>
/// <param name="C">The third weight, or none.</param>
internal readonly record struct TensorProductTask(
    ulong X, int FromRow, int Rows, int Inner, float Alpha, int RowTiles, int ColumnTiles, TensorColumns A, TensorColumns B, TensorColumns C)
{
    /// <summary>The first tile of a weight that is not there.</summary>
    public const int NoTile = int.MaxValue;

    /// <summary>The weight that a column tile belongs to.</summary>
    public TensorColumns Of(int columnTile)
    {
        if (columnTile >= C.FirstTile) return C;
        return columnTile >= B.FirstTile ? B : A;
    }
}

/// <summary>Which tile of y a group makes.</summary>
/// <param name="Row">Row tile.</param>
/// <param name="Column">Column tile.</param>
internal readonly record struct TilePlace(int Row, int Column)
{
    private const int RowsOfBand = 8;

    /// <summary>The tiles in bands of eight row tiles, column after column, so that groups which run together share what they read.</summary>
    public static TilePlace Of(int group, int rowTiles, int columnTiles)
    {
        var band = group / (RowsOfBand * columnTiles);
        var first = band * RowsOfBand;
        var rows = IntrinsicMath.Min(rowTiles - first, RowsOfBand);
        var within = group - (first * columnTiles);
        return new TilePlace(first + (within % rows), within / rows);
    }
}
