namespace TaH.Kernels;

/// <summary>Sizes of a product with updates, as kernels take them, and how a group's shared memory is cut up.</summary>
/// <param name="Product">The product.</param>
/// <param name="ReducedPairs">Pairs of rows of A.</param>
/// <param name="ReducedSlices">Warps that share such a pair.</param>
/// <param name="PanelAt">Where the panel of x begins, in floats; before it stand the reduced inputs.</param>
internal readonly record struct LoraMatVecTask(MatVecTask Product, int ReducedPairs, int ReducedSlices, int PanelAt)
{
    /// <summary>The largest rank whose reduced inputs leave room for a panel, however many rows there are.</summary>
    public const int MostRank = 160;

    /// <summary>Where the reduced inputs begin, behind <see cref="MatVec"/>'s scratch and the number of the pass.</summary>
    public const int ReducedAt = PassAt + 4;

    /// <summary>Where the number of the pass stands.</summary>
    public const int PassAt = MatVec.ScratchLength;

    /// <summary>Floats of shared memory that any group may have.</summary>
    public const int LeastRoom = 12288;

    // Three groups of a Hopper card's multiprocessor may have so much: most products of two rows have all of x there, and shorter ones of eight.
    private const int HopperRoom = 18432;

    /// <summary>Groups' worth of pairs of A: what the first groups begin with.</summary>
    public int ReducingBlocks => ((ReducedPairs * ReducedSlices) + MatVec.Warps - 1) / MatVec.Warps;

    /// <summary>These, and behind them those of the product.</summary>
    public int Blocks => ReducingBlocks + Product.Groups;

    /// <summary>Floats of shared memory that a group needs.</summary>
    public int Room(int compiledRows) => PanelAt + (compiledRows * Product.PanelOctets * MatVecTask.Octet);

    /// <summary>The most that it may be.</summary>
    public static int MostRoom(CudaGeneration generation) => generation >= CudaGeneration.Hopper ? HopperRoom : LeastRoom;

    /// <summary>Cuts a product and its updates up.</summary>
    /// <param name="product">The product.</param>
    /// <param name="reduced">The A of its updates.</param>
    /// <param name="compiledRows">Rows of x that the kernel was compiled for.</param>
    /// <param name="generation">Of the device.</param>
    public static LoraMatVecTask Of(MatVecTask product, ReducedRows reduced, int compiledRows, CudaGeneration generation)
    {
        // As many slices as give each a batch: every group waits for these sums.
        var slices = 1;
        while (slices < MatVec.MaxSlices && product.Octets >= 2 * slices * MatVec.BatchOctets) slices *= 2;
        var panelAt = (ReducedAt + (compiledRows * reduced.Columns) + 3) & ~3;
        var most = (MostRoom(generation) - panelAt) / (MatVecTask.Octet * compiledRows) / MatVec.BatchOctets * MatVec.BatchOctets;
        return new LoraMatVecTask(product with { PanelOctets = Math.Min(product.Octets, most) }, reduced.Pairs, slices, panelAt);
    }
}
