using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Which two weight rows a warp takes together, and what becomes of their sums.</summary>
internal interface IWeightPairs
{
    /// <summary>Where a pair's first weight row starts.</summary>
    ulong First(int pair, ulong rowBytes);

    /// <summary>Where a pair's second weight row starts; the first again where there is no second.</summary>
    ulong Second(int pair, ulong rowBytes);

    /// <summary>Puts the sums of one row of x where they belong.</summary>
    void Store(int pair, int row, float first, float second);
}

/// <summary>One weight of a product: neighbouring rows are pairs.</summary>
/// <param name="Weight">Where it starts.</param>
/// <param name="Bias">[outer]; read only if the task has one.</param>
/// <param name="Y">[rows, outer].</param>
/// <param name="Task">Sizes and flags.</param>
internal readonly record struct ProjectedRows(ulong Weight, Floats Bias, Floats Y, MatMulTask Task) : IWeightPairs
{
    /// <summary>The rows of a weight in device memory.</summary>
    public static ProjectedRows Of(WeightMatrix weight, Floats bias, Floats y, MatMulTask task) => new(weight.Address, bias, y, task);

    /// <summary>y += weight x, checked.</summary>
    /// <param name="weight">[outer, inner].</param>
    /// <param name="x">[rows, inner].</param>
    /// <param name="y">[rows, outer].</param>
    /// <param name="rows">Rows of x and y.</param>
    /// <exception cref="ShapeException">A view is shorter than that.</exception>
    public static ProjectedRows Adding(WeightMatrix weight, Floats x, Floats y, int rows)
    {
        ShapeException.ThrowIfShorter(x, (long)rows * weight.Columns, nameof(x));
        ShapeException.ThrowIfShorter(y, (long)rows * weight.Rows, nameof(y));
        return Of(weight, x, y, new MatMulTask(rows, weight.Columns, weight.Rows, Alpha: 1, Accumulate: 1, AddBias: 0));
    }

    /// <summary>What an accumulating product has to do at the least.</summary>
    public KernelWork Work(ElementType type) => new MatMulShape(Task.Rows, Task.Inner, Task.Outer, Accumulate: true).Work(type);

    /// <summary>Pairs of an odd number of rows end with half a pair.</summary>
    public int Pairs => (Task.Outer + 1) / 2;

    public ulong First(int pair, ulong rowBytes) => Weight + ((ulong)(2 * pair) * rowBytes);

    public ulong Second(int pair, ulong rowBytes) => Weight + ((ulong)((2 * pair) + 1 < Task.Outer ? (2 * pair) + 1 : 2 * pair) * rowBytes);

    public void Store(int pair, int row, float first, float second)
    {
        Task.Store(Y, Bias, row, 2 * pair, first);
        Task.Store(Y, Bias, row, (2 * pair) + 1, second);
    }
}

/// <summary>Three weights that the same x meets.</summary>
internal readonly record struct ThreeProjections(ProjectedRows A, ProjectedRows B, ProjectedRows C) : IWeightPairs
{
    public int Pairs => A.Pairs + B.Pairs + C.Pairs;

    /// <summary>The query, key and value weights.</summary>
    /// <exception cref="ShapeException">A view or a weight has another size than the shape says.</exception>
    public static ThreeProjections Of(
        Floats x, Floats gain, WeightMatrix query, WeightMatrix key, WeightMatrix value, QkvBuffers qkv, RmsNormShape shape)
    {
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        ShapeException.ThrowIfShorter(gain, shape.Hidden, nameof(gain));
        return new ThreeProjections(
            Of(query, qkv.Query, shape, nameof(query)), Of(key, qkv.Key, shape, nameof(key)), Of(value, qkv.Value, shape, nameof(value)));
    }

    public ulong First(int pair, ulong rowBytes)
    {
        if (pair < A.Pairs) return A.First(pair, rowBytes);
        return pair - A.Pairs < B.Pairs ? B.First(pair - A.Pairs, rowBytes) : C.First(pair - A.Pairs - B.Pairs, rowBytes);
    }

    public ulong Second(int pair, ulong rowBytes)
    {
        if (pair < A.Pairs) return A.Second(pair, rowBytes);
        return pair - A.Pairs < B.Pairs ? B.Second(pair - A.Pairs, rowBytes) : C.Second(pair - A.Pairs - B.Pairs, rowBytes);
    }

    public void Store(int pair, int row, float first, float second)
    {
        if (pair < A.Pairs) A.Store(pair, row, first, second);
        else if (pair - A.Pairs < B.Pairs) B.Store(pair - A.Pairs, row, first, second);
        else C.Store(pair - A.Pairs - B.Pairs, row, first, second);
    }

    /// <summary>What a launch does.</summary>
    public KernelWork Work(ElementType type, RmsNormShape shape)
    {
        var product = new MatMulShape(shape.Rows, shape.Hidden, A.Task.Outer + B.Task.Outer + C.Task.Outer);
        return product.Work(type) with { Flops = product.Flops + shape.Flops };
    }

    private static ProjectedRows Of(WeightMatrix weight, Floats y, RmsNormShape shape, string name)
    {
        ShapeException.ThrowIfDifferent(weight.Columns, shape.Hidden, $"{name} columns");
        ShapeException.ThrowIfShorter(y, (long)shape.Rows * weight.Rows, name);
        return ProjectedRows.Of(weight, y, y, new MatMulTask(shape.Rows, shape.Hidden, weight.Rows, Alpha: 1, Accumulate: 0, AddBias: 0));
    }
}

/// <summary>Row i of the gate and row i of the up weight: the activation needs both.</summary>
/// <param name="Gate">Where the gate's weight starts.</param>
/// <param name="Up">Where the up weight starts.</param>
/// <param name="Activated">[rows, ffn].</param>
/// <param name="Ffn">Rows of either weight.</param>
internal readonly record struct GatedRows(ulong Gate, ulong Up, Floats Activated, int Ffn) : IWeightPairs
{
    /// <summary>The gate and up weights.</summary>
    /// <exception cref="ShapeException">A view or a weight has another size than the shape says.</exception>
    public static GatedRows Of(Floats x, Floats gain, WeightMatrix gate, WeightMatrix up, Floats activated, RmsNormShape shape)
    {
        ShapeException.ThrowIfShorter(x, (long)shape.Rows * shape.Hidden, nameof(x));
        ShapeException.ThrowIfShorter(gain, shape.Hidden, nameof(gain));
        ShapeException.ThrowIfDifferent(gate.Columns, shape.Hidden, "gate columns");
        ShapeException.ThrowIfDifferent(up.Columns, shape.Hidden, "up columns");
        ShapeException.ThrowIfDifferent(up.Rows, gate.Rows, "up rows");
        ShapeException.ThrowIfShorter(activated, (long)shape.Rows * gate.Rows, nameof(activated));
        return new GatedRows(gate.Address, up.Address, activated, gate.Rows);
    }

    /// <summary>What a launch does.</summary>
    public KernelWork Work(ElementType type, RmsNormShape shape)
    {
        var product = new MatMulShape(shape.Rows, shape.Hidden, 2 * Ffn);
        var activation = new SwiGluShape(shape.Rows, Ffn);
        return product.Work(type) with
        {
            Bytes = product.BytesMoved(type) - (activation.Length * sizeof(float)), // one of the two leaves
            Flops = product.Flops + shape.Flops + activation.Flops,
        };
    }

    public ulong First(int pair, ulong rowBytes) => Gate + ((ulong)pair * rowBytes);

    public ulong Second(int pair, ulong rowBytes) => Up + ((ulong)pair * rowBytes);

    // As SwiGlu: far below zero the exponential is infinite and the quotient a correct zero.
    public void Store(int pair, int row, float first, float second) =>
        Activated[((long)row * Ffn) + pair] = first / (1f + XMath.Exp(-first)) * second;
}
