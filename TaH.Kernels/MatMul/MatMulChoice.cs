namespace TaH.Kernels;

public sealed partial class MatMul
{
    // Below, a GPU waits for the weights, which tiles read no faster; above, the same weights would be read again for every four rows.
    private const int FewestTiledRows = 9;

    /// <summary>The variant to use for a product: measured on the CPU, on PoCL and on a card, by reasoning (reads of the weight) on other GPUs.</summary>
    /// <param name="device">Where the product runs.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="weight">The weight.</param>
    public static MatMulVariant Choose(ComputeDevice device, int rows, WeightMatrix weight) => device switch
    {
        { Kind: DeviceKind.Cpu } => MatMulVariant.Simd,
        { Info.IsGpu: false } => MatMulVariant.PortableRowPerThread,
        _ when rows >= FewestTiledRows && WeightTilesChoice.Serves(device) && WeightTilesChoice.Takes(rows, weight) => MatMulVariant.CudaWeightTiles,
        _ when rows >= FewestTiledRows => MatMulVariant.PortableTiled,
        _ => PtxLoader.Serves(device) ? MatMulVariant.CudaMatVec : MatMulVariant.PortableRowPerGroup,
    };
}
