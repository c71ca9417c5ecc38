namespace TaH.Kernels;

public sealed partial class MatMul
{
    // Below, a GPU waits for the weights, which tiles read no faster; above, the same weights would be read again for every four rows.
    internal const int FewestTiledRows = 9;

    // A decider of 64 rows, whose tiles leave most of an H200 idle, took 0.39 us for each element of a sum. Eight rows of matrix-vector products are
    // given 12 us a launch, more than any product of that decider should take; this is how many elements have to stand against a row.
    private const int ElementsOfRow = 4;

    /// <summary>
    /// The variant to use for a number of rows: measured on the CPU, on PoCL and on Hopper, by reasoning (reads of the weight) on other GPUs.
    /// </summary>
    /// <param name="device">Where the product runs.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="weight">What x is multiplied with.</param>
    /// <param name="precision">Whether x may be rounded.</param>
    public static MatMulVariant Choose(
        ComputeDevice device, int rows, WeightMatrix weight, ProductPrecision precision = ProductPrecision.Auto) => device switch
    {
        { Kind: DeviceKind.Cpu } => MatMulVariant.Simd,
        { Info.IsGpu: false } => MatMulVariant.PortableRowPerThread,
        _ when rows is >= FewestTiledRows and <= WeightTilesChoice.MostRows && precision == ProductPrecision.Auto && WeightTilesChoice.Serves(device)
            && WeightTilesChoice.Takes(rows, weight)
            => MatMulVariant.CudaWeightTiles,
        _ when rows >= FewestTiledRows && ForTensorCores(device, precision) is { } variant && TensorProducts.Takes(weight) => variant,
        _ when rows >= FewestTiledRows && weight.Type == ElementType.F32 && PtxLoader.Serves(device)
            && LeavesCardIdle(rows, weight.Rows, weight.Columns, device.Accelerator.NumMultiprocessors)
            => MatMulVariant.CudaMatVec,
        _ when rows >= FewestTiledRows => MatMulVariant.PortableTiled,
        _ => PtxLoader.Serves(device) ? MatMulVariant.CudaMatVec : MatMulVariant.PortableRowPerGroup,
    };

    /// <summary>Whether tiles would be fewer than multiprocessors, each with so long sums that rows had better be taken eight at a time.</summary>
    internal static bool LeavesCardIdle(int rows, int outer, int inner, int multiprocessors)
    {
        var tiles = (long)((rows + MatMulTile.Most - 1) / MatMulTile.Most) * ((outer + MatMulTile.Most - 1) / MatMulTile.Most);
        return tiles < multiprocessors && (long)rows * ElementsOfRow <= inner;
    }

    /// <summary>The variant for many rows of bf16 on a device's tensor cores; null where it has none.</summary>
    internal static MatMulVariant? ForTensorCores(ComputeDevice device, ProductPrecision precision) => device.Generation switch
    {
        _ when precision == ProductPrecision.F32 => null,
        CudaGeneration.Hopper => MatMulVariant.CudaWgmma,
        CudaGeneration.Ampere => MatMulVariant.CudaMma,
        _ => null,
    };
}
