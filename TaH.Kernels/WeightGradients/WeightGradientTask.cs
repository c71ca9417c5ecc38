namespace TaH.Kernels;

/// <summary>One weight of a launch: what its outputs' gradients are, and where its own goes.</summary>
/// <param name="Dy">Of [rows, outer] bf16: where it starts, or on Hopper where its tensor map lies.</param>
/// <param name="FromRow">Row of the map that is the launch's first; 0 where dy is an address.</param>
/// <param name="Gradient">Of [outer, inner] f32.</param>
/// <param name="Outer">Rows of the weight: a multiple of 8.</param>
/// <param name="FirstTile">The first of the launch's row tiles that are this weight's.</param>
/// <param name="FirstOuter">Rows of the weights in front.</param>
internal readonly record struct GradientRows(ulong Dy, int FromRow, ulong Gradient, int Outer, int FirstTile, int FirstOuter);

/// <summary>A launch as the kernels of weights' gradients take it: up to three weights that met the same x.</summary>
/// <param name="X">Of [rows, inner] bf16: where it starts, or on Hopper where its tensor map lies.</param>
/// <param name="FromRow">Row of the map that is the launch's first; 0 where x is an address.</param>
/// <param name="Rows">Rows of x and of every dy: the length of each sum.</param>
/// <param name="Inner">Columns of x and of every weight: a multiple of 8.</param>
/// <param name="Alpha">What every sum is multiplied with.</param>
/// <param name="RowTiles">Tiles that the rows of all weights fall into.</param>
/// <param name="ColumnTiles">Tiles that their columns fall into.</param>
/// <param name="Parts">Parts that each sum is shared out into.</param>
/// <param name="Partials">Of [parts, outer of all weights, inner] f32: where the parts' sums go if there are more than one.</param>
/// <param name="A">The first weight.</param>
/// <param name="B">The second weight, or none.</param>
/// <param name="C">The third weight, or none.</param>
internal readonly record struct WeightGradientTask(
    ulong X, int FromRow, int Rows, int Inner, float Alpha, int RowTiles, int ColumnTiles, int Parts, ulong Partials, GradientRows A,
    GradientRows B, GradientRows C)
{
    /// <summary>Rows that are summed up at a time: a part has a number of these.</summary>
    public const int Slice = 64;

    /// <summary>Tiles of all parts.</summary>
    public int Tiles => RowTiles * ColumnTiles * Parts;

    /// <summary>Rows of all weights.</summary>
    public int Outer => A.Outer + B.Outer + C.Outer;

    /// <summary>The slice that a part begins with; the part in front ends there.</summary>
    public int FirstSlice(int part) => (int)((long)part * ((Rows + Slice - 1) / Slice) / Parts);

    /// <summary>The weight that a row tile belongs to.</summary>
    public GradientRows OfTile(int rowTile)
    {
        if (rowTile >= C.FirstTile) return C;
        return rowTile >= B.FirstTile ? B : A;
    }

    /// <summary>The weight that a row of all weights belongs to.</summary>
    public GradientRows OfRow(int row)
    {
        if (row >= B.FirstOuter + B.Outer) return C;
        return row >= A.Outer ? B : A;
    }
}

/// <summary>A part of a tile of a gradient.</summary>
/// <param name="Weight">Whose gradient.</param>
/// <param name="Part">Which part of the sums.</param>
/// <param name="Row">The tile's first row.</param>
/// <param name="Column">The tile's first column.</param>
internal readonly record struct GradientPlace(GradientRows Weight, int Part, int Row, int Column)
{
    /// <summary>Where a tile lies: part after part, so that groups which run together read the same rows.</summary>
    /// <param name="tile">Which one.</param>
    /// <param name="task">The launch.</param>
    /// <param name="rows">Rows of a tile.</param>
    /// <param name="columns">Columns of a tile.</param>
    public static GradientPlace Of(int tile, WeightGradientTask task, int rows, int columns)
    {
        var tiles = task.RowTiles * task.ColumnTiles;
        var part = tile / tiles;
        var place = TilePlace.Of(tile - (part * tiles), task.RowTiles, task.ColumnTiles);
        var weight = task.OfTile(place.Row);
        return new GradientPlace(
            weight, PtxInstructions.Keep(part), PtxInstructions.Keep((place.Row - weight.FirstTile) * rows),
            PtxInstructions.Keep(place.Column * columns));
    }

    /// <summary>The store's view of the launch: a product whose y is the gradient, or the part's sums.</summary>
    public TensorProductTask Task(WeightGradientTask task) =>
        new(0, 0, Weight.Outer, 0, task.Alpha, 0, 0, default, default, default);

    /// <summary>The columns of that y.</summary>
    public TensorColumns Columns(WeightGradientTask task)
    {
        var partial = task.Partials + ((((ulong)Part * (ulong)task.Outer) + (ulong)Weight.FirstOuter) * (ulong)task.Inner * sizeof(float));
        return new TensorColumns(0, 0, task.Parts == 1 ? Weight.Gradient : partial, task.Inner, 0);
    }
}
