namespace TaH.Kernels;

/// <summary>Matrix products of any number of rows: keeps the variants of a device and takes the one that suits a product.</summary>
internal sealed class MatMulLadder(ComputeDevice device)
{
    private readonly Dictionary<MatMulVariant, MatMul> _rungs = [];

    /// <summary>y = alpha * x weight^T, added to y where the shape says so; see <see cref="MatMul"/>.</summary>
    public void Run(Floats x, WeightMatrix weight, Floats y, int rows, float alpha = 1, bool accumulate = false) =>
        Rung(rows).Run(x, weight, y, new MatMulShape(rows, weight.Columns, weight.Rows, alpha, accumulate));

    private MatMul Rung(int rows)
    {
        var variant = MatMul.Choose(device, rows);
        if (!_rungs.TryGetValue(variant, out var rung)) _rungs[variant] = rung = new MatMul(device, variant);
        return rung;
    }
}
