using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Random operands of a product of packed tokens with streamed weights, and the judgement of the results.</summary>
internal sealed class TileProblem : IDisposable
{
    private readonly List<IDisposable> _owned = [];
    private int _terms;

    public TileProblem(ComputeDevice device, MatMulShape shape)
    {
        (Device, Shape) = (device, shape);
        XValues = RandomData.Uniform(seed: 1, shape.Rows * shape.Inner);
        X = device.Copy(XValues);
        Weight = device.Store(ElementType.Bf16, shape.Outer, shape.Inner, RandomData.Uniform(seed: 3, shape.Outer * shape.Inner));
        YValues = RandomData.Uniform(seed: 4, shape.Rows * shape.Outer);
        Y = new Poisoned(device, YValues.Length);
        if (shape.Accumulate) Y.View.CopyFromCPU(YValues);
        _owned.AddRange([X, Weight, Y]);
    }

    public ComputeDevice Device { get; }

    public MatMulShape Shape { get; }

    public float[] XValues { get; }

    public FloatBuffer X { get; }

    public StoredWeights Weight { get; }

    public float[] YValues { get; }

    public Poisoned Y { get; }

    /// <summary>One product.</summary>
    /// <param name="warpgroups">Whether four warps multiply together.</param>
    /// <param name="plan">How it is spread, or null for the product's own choice.</param>
    public void Run(bool warpgroups, WeightTilesPlan? plan)
    {
        using var tokens = new TokenPacker(Device);
        _terms = tokens.Task(Shape.Rows, Shape.Inner, normalize: false).Terms;
        var task = new MatMulTask(Shape.Rows, Shape.Inner, Shape.Outer, Shape.Alpha, Shape.Accumulate ? 1 : 0, AddBias: 0);
        var projected = ProjectedRows.Of(Weight.Matrix, X.View, Y.View, task);
        new WeightTilesLaunches<ProjectedRows>(Device, tokens, warpgroups)
            .Run(X.View, norm: null, projected, projected.Pairs, Shape.Rows, Shape.Inner, plan);
        Device.Synchronize();
    }

    public void Verify()
    {
        var (expected, sizes) = MatMulReference.Run(XValues, Weight.Values, null, YValues, Shape);
        var bound = Bound(_terms, Shape.Inner);
        Near.Absolute(expected, Y.Read(), [.. sizes.Select(size => bound * size)]);
    }

    /// <summary>How far a sum may be off, as a share of its terms' sizes.</summary>
    private static double Bound(int terms, int inner)
    {
        // A bfloat16 is off by at most 2^-9 of an element; a second one holds the rest, off by 2^-9 of that again. Tensor cores cut off sums of few
        // products below 2^-23 of the largest, which f32 sums would round: twice the roundings of MatMulProblem.
        var rounding = terms == 1 ? Math.Pow(2, -9) : Math.Pow(2, -18);
        return rounding + (2 * (inner + 3) * Math.Pow(2, -24));
    }

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());
}
