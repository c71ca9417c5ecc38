using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// The ring of <see cref="WgmmaProduct"/>: stages of one or two slices of x and of the weight, each with two barriers, "full" and "empty", and the
/// tiles that go through it.
/// </summary>
internal static class WgmmaRing
{
    /// <summary>Bytes of a stage's barriers.</summary>
    public const int BarrierBytes = 16;

    /// <summary>Where among them the one is that says the stage is empty; the other says it is full.</summary>
    public const int EmptyBarrier = 8;

    /// <summary>Bytes of x in a slice; the weight lies behind.</summary>
    public const uint SliceOfX = WgmmaProduct.TileRows * WgmmaProduct.SliceBytes;

    /// <summary>How many stages there are.</summary>
    public static int Stages<TTile, TGroups>() where TTile : struct, IWgmmaTile where TGroups : struct, IWgmmaGroups =>
        default(TTile).Stages - default(TGroups).StagesTaken;

    /// <summary>Elements of every sum in a stage.</summary>
    public static int StageElements<TTile>() where TTile : struct, IWgmmaTile => WgmmaProduct.Slice * default(TTile).Slices;

    /// <summary>Bytes of a stage.</summary>
    public static int StageBytes<TTile>() where TTile : struct, IWgmmaTile => SliceOfStage<TTile>() * default(TTile).Slices;

    /// <summary>Bytes of a slice of both operands.</summary>
    public static int SliceOfStage<TTile>() where TTile : struct, IWgmmaTile =>
        (WgmmaProduct.TileRows + default(TTile).Columns) * WgmmaProduct.SliceBytes;

    /// <summary>Bytes of half of the weight's rows in a slice.</summary>
    public static uint HalfWeight<TTile>() where TTile : struct, IWgmmaTile => (uint)(default(TTile).Columns / 2 * WgmmaProduct.SliceBytes);

    /// <summary>Stages that a group's part of each sum takes.</summary>
    public static int Steps<TTile, TGroups>(int inner) where TTile : struct, IWgmmaTile where TGroups : struct, IWgmmaGroups =>
        (WgmmaParts.To<TGroups>(inner) - WgmmaParts.From<TGroups>(inner) + StageElements<TTile>() - 1) / StageElements<TTile>();

    /// <summary>The first tile of a group.</summary>
    public static int FirstTile<TGroups>() where TGroups : struct, IWgmmaGroups => Grid.IdxX / default(TGroups).Parts;

    /// <summary>From a group's tile to its next.</summary>
    public static int TilesTogether<TGroups>() where TGroups : struct, IWgmmaGroups => Grid.DimX / default(TGroups).Parts;
}

/// <summary>The part of y that a group makes.</summary>
/// <param name="Columns">The weight that makes it.</param>
/// <param name="Row">Its first row.</param>
/// <param name="Column">Its first column.</param>
internal readonly record struct WgmmaPlace(TensorColumns Columns, int Row, int Column)
{
    /// <summary>Where a tile lies; computed where the call stands.</summary>
    public static WgmmaPlace Of<TTile, TStore>(int tile, TensorProductTask task) where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore
    {
        var place = TilePlace.Of(tile, task.RowTiles, task.ColumnTiles);
        var columns = task.Of(place.Column);
        return new WgmmaPlace(
            columns, PtxInstructions.Keep(place.Row * WgmmaProduct.TileRows),
            PtxInstructions.Keep((place.Column - columns.FirstTile) * default(TStore).ColumnsOfY(default(TTile).Columns)));
    }
}
