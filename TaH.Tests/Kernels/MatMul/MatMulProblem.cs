using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Random operands of a product on a device, and the judgement of what a kernel makes of them.</summary>
internal sealed class MatMulProblem : IDisposable
{
    private readonly double[] _expected;
    private readonly double[] _sizes;
    private readonly bool _withBias;

    public MatMulProblem(ComputeDevice device, ElementType type, MatMulShape shape, bool withBias)
    {
        Shape = shape;
        _withBias = withBias;
        float[] x = RandomData.Uniform(seed: 1, shape.Rows * shape.Inner), bias = RandomData.Uniform(seed: 2, shape.Outer);
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
        // sizes.
        var bound = (Shape.Inner + 3) * Math.Pow(2, -24);
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
