namespace TaH.Kernels;

/// <summary>Matrix products of one device, each through the variant that suits its number of rows and its weight.</summary>
/// <param name="device">Where they run.</param>
/// <param name="portableOnly">Whether variants written for one kind of device are left out, to compare with them.</param>
/// <param name="precision">How exactly products of many rows are made.</param>
public sealed class MatMulByRows(
    ComputeDevice device, bool portableOnly = false, ProductPrecision precision = ProductPrecision.Auto) : IDisposable
{
    // What owns memory is made at once: a product that is recorded as part of a graph allocates nothing.
    private readonly Dictionary<MatMulVariant, MatMul> _made = !portableOnly && WeightTilesChoice.Serves(device)
        ? new() { [MatMulVariant.CudaWeightTiles] = new MatMul(device, MatMulVariant.CudaWeightTiles) }
        : [];

    /// <summary>The product of a number of rows with a weight.</summary>
    public MatMul For(int rows, WeightMatrix weight)
    {
        var variant = MatMul.Choose(device, rows, weight, precision);
        if (portableOnly) variant = Portable(variant, rows);
        if (!_made.TryGetValue(variant, out var product)) _made[variant] = product = new MatMul(device, variant);
        return product;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var product in _made.Values) product.Dispose();
    }

    private static MatMulVariant Portable(MatMulVariant variant, int rows) => variant switch
    {
        MatMulVariant.Simd => MatMulVariant.PortableRowPerThread,
        MatMulVariant.CudaMatVec when rows < MatMul.FewestTiledRows => MatMulVariant.PortableRowPerGroup,
        MatMulVariant.CudaMatVec or MatMulVariant.CudaWeightTiles or MatMulVariant.CudaMma or MatMulVariant.CudaWgmma => MatMulVariant.PortableTiled,
        _ => variant,
    };
}
