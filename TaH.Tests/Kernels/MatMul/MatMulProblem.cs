using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Random operands of a product on a device, and the judgement of what a kernel makes of them.</summary>
internal sealed class MatMulProblem : IDisposable
{
    private readonly double[] _expected;
    private readonly double[] _sizes;
    private readonly bool _withBias;
    private readonly bool _xOfBfloat16;

    /// <param name="device">Where it lies.</param>
    /// <param name="type">How the weight is stored.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="withBias">Whether there is a bias.</param>
    /// <param name="xOfBfloat16">Whether x has values that bf16 has, too: then a kernel that rounds x to bf16 makes no error by it.</param>
    public MatMulProblem(ComputeDevice device, ElementType type, MatMulShape shape, bool withBias, bool xOfBfloat16 = false)
    {
        Shape = shape;
        (_withBias, _xOfBfloat16) = (withBias, xOfBfloat16);
        float[] x = RandomData.Uniform(seed: 1, shape.Rows * shape.Inner), bias = RandomData.Uniform(seed: 2, shape.Outer);
        if (xOfBfloat16)
            for (var i = 0; i < x.Length; i++) x[i] = default(Bfloat16Format).Widen(default(Bfloat16Format).Narrow(x[i]));
        X = device.Copy(x);
        Weight = device.Store(type, shape.Outer, shape.Inner, RandomData.Uniform(seed: 3, shape.Outer * shape.Inner));
        Bias = device.Copy(bias);
        var y = RandomData.Uniform(seed: 4, shape.Rows * shape.Outer);
        Y = new Poisoned(device, y.Length);
        if (shape.Accumulate) Y.View.CopyFromCPU(y);
        (_expected, _sizes) = MatMulReference.Run(x, Weight.Values, withBias ? bias : null, y, shape);
    }

    public MatMulShape Shape { get; }

    public FloatBuffer X { get; }

    public StoredWeights Weight { get; }

    public FloatBuffer Bias { get; }

    public Poisoned Y { get; }

    public unsafe void RunWithVectorsOf(int bits, CpuWorkers workers)
    {
        var task = new MatMulTask(Shape.Rows, Shape.Inner, Shape.Outer, Shape.Alpha, Shape.Accumulate ? 1 : 0, _withBias ? 1 : 0);
        var product = new MatMulPointers(Pointers.Of<float>(X.View), Pointers.Of<float>(Bias.View), Pointers.Of(Y.View), task);
        if (bits == 128) MatMulSimd.Run<Lanes128>(workers, Weight.Matrix, product);
        else if (bits == 256) MatMulSimd.Run<Lanes256>(workers, Weight.Matrix, product);
        else MatMulSimd.Run<Lanes512>(workers, Weight.Matrix, product);
    }

    public void Verify()
    {
        // In any order of summing, each of the inner products and sums, then alpha, bias and y, rounds by at most 2^-24 of the sum of the terms'
        // sizes. Tensor cores cut where others round.
        var bound = (Shape.Inner + 3) * Math.Pow(2, _xOfBfloat16 ? -23 : -24);
        Near.Absolute(_expected, Y.Read(), [.. _sizes.Select(size => bound * size)]);
    }

    public void Dispose()
    {
        X.Dispose();
        Weight.Dispose();
        Bias.Dispose();
        Y.Dispose();
    }
}
