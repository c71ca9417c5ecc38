using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// Operands of weights' gradients, and the judgement of what a kernel makes of them. Operands are parts of larger buffers: behind the zeros that fill
/// the last 64 rows up, and in front of the first row, there is NaN.
/// </summary>
internal sealed class WeightGradientProblem : IDisposable
{
    private const int RowsBefore = 3;
    private const int Slice = 64;

    private readonly ComputeDevice _device;
    private readonly int _rows;
    private readonly int _inner;
    private readonly int[] _outers;
    private readonly float _alpha;
    private readonly float[] _x;
    private readonly List<float[]> _before = [];
    private readonly List<(double[] Gradient, double[] Sizes)> _expected = [];
    private readonly List<IDisposable> _owned = [];
    private readonly List<Poisoned> _gradients = [];
    private readonly List<WeightGradientTarget> _targets = [];

    /// <param name="device">Where it runs.</param>
    /// <param name="rows">Length of each sum.</param>
    /// <param name="inner">Columns of every weight.</param>
    /// <param name="alpha">What sums are multiplied with.</param>
    /// <param name="rowsBehind">Rows that buffers have behind the last: more than fill it up, or none.</param>
    /// <param name="outers">Rows of each weight.</param>
    public WeightGradientProblem(ComputeDevice device, int rows, int inner, float alpha, int rowsBehind, params int[] outers)
    {
        (_device, _rows, _inner, _alpha, _outers) = (device, rows, inner, alpha, outers);
        (X, _x) = Operand(1, inner, rowsBehind);
        for (var i = 0; i < outers.Length; i++)
        {
            var (rowsOfDy, dy) = Operand(2 + i, outers[i], rowsBehind);
            _before.Add(RandomData.Uniform(seed: 20 + i, outers[i] * inner));
            _expected.Add(WeightGradientReference.Run(dy, _x, _before[i], rows, outers[i], inner, alpha));
            _gradients.Add(Own(new Poisoned(device, outers[i] * inner)));
            _targets.Add(new WeightGradientTarget(rowsOfDy, _gradients[i].View));
        }
    }

    public Bfloat16Rows X { get; }

    /// <summary>Runs twice, judges, and compares the bits.</summary>
    public void Verify(WeightGradientProducts products, WeightGradientPlan plan)
    {
        products.Run(plan, X, float.NaN, [.. _targets]); // parts of sums are NaN before each plan
        var first = VerifyOnce(products, plan);
        var second = Run(products, plan);
        for (var i = 0; i < first.Length; i++)
            Assert.True(first[i].Select(BitConverter.SingleToInt32Bits).SequenceEqual(second[i].Select(BitConverter.SingleToInt32Bits)));
    }

    /// <summary>Runs and judges.</summary>
    public float[][] VerifyOnce(WeightGradientProducts products, WeightGradientPlan plan)
    {
        var gradients = Run(products, plan);
        for (var i = 0; i < gradients.Length; i++)
        {
            // Products of bf16 are exact in f32. Tensor cores align the terms of a sum to the largest and cut what is below 2^-23 of it, sixteen at a
            // time; adding parts rounds once a part.
            var bounds = _expected[i].Sizes.Select(size => (_rows + plan.Parts + 3) * Math.Pow(2, -23) * size).ToArray();
            Near.Absolute(_expected[i].Gradient, gradients[i], bounds);
        }
        return gradients;
    }

    public void Dispose()
    {
        foreach (var owned in _owned) owned.Dispose();
    }

    private float[][] Run(WeightGradientProducts products, WeightGradientPlan plan)
    {
        _device.Synchronize();
        for (var i = 0; i < _outers.Length; i++) _gradients[i].View.CopyFromCPU(_before[i]);
        products.Run(plan, X, _alpha, [.. _targets]);
        _device.Synchronize();
        return [.. _gradients.Select(gradient => gradient.Read())];
    }

    /// <summary>Random rows among NaN, and what they are as floats.</summary>
    private (Bfloat16Rows Rows, float[] Values) Operand(int seed, int width, int rowsBehind)
    {
        var all = RowsBefore + _rows + rowsBehind;
        var stored = new ushort[all * width];
        Array.Fill(stored, default(Bfloat16Format).Narrow(float.NaN));
        var values = RandomData.Uniform(seed, _rows * width);
        for (var i = 0; i < values.Length; i++)
        {
            var half = stored[(RowsBefore * width) + i] = default(Bfloat16Format).Narrow(values[i]);
            values[i] = default(Bfloat16Format).Widen(half);
        }
        var end = RowsBefore + ((_rows + Slice - 1) / Slice * Slice);
        stored.AsSpan((RowsBefore + _rows) * width, (Math.Min(end, all) - RowsBefore - _rows) * width).Clear();
        var buffer = Own(_device.Accelerator.Allocate1D<ushort>(stored.Length));
        buffer.View.BaseView.CopyFromCPU(stored);
        return (new Bfloat16Rows(buffer.View, width, RowsBefore, _rows), values);
    }

    private T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
