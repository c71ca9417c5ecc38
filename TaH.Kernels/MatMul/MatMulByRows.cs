namespace TaH.Kernels;

/// <summary>Matrix products of one device, each through the variant that suits its number of rows.</summary>
/// <param name="device">Where they run.</param>
/// <param name="portableOnly">Whether variants written for one kind of device are left out, to compare with them.</param>
public sealed class MatMulByRows(ComputeDevice device, bool portableOnly = false)
{
    private readonly Dictionary<MatMulVariant, MatMul> _made = [];

    /// <summary>The product for a number of rows.</summary>
    public MatMul For(int rows)
    {
        var variant = MatMul.Choose(device, rows);
        if (portableOnly && variant == MatMulVariant.Simd) variant = MatMulVariant.PortableRowPerThread;
        if (portableOnly && variant == MatMulVariant.CudaMatVec) variant = MatMulVariant.PortableRowPerGroup;
        if (!_made.TryGetValue(variant, out var product)) _made[variant] = product = new MatMul(device, variant);
        return product;
    }
}
