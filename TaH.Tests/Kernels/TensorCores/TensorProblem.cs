using ILGPU;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Operands of a product on tensor cores, poisoned outputs, and the judgement of what a kernel makes of them.</summary>
internal sealed class TensorProblem : IDisposable
{
    private const int RowsBefore = 3; // x is part of a buffer

    private readonly ComputeDevice _device;
    private readonly float[] _x;
    private readonly int _rows;
    private readonly int _inner;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _buffer;
    private readonly List<StoredWeights> _weights = [];
    private readonly List<IDisposable> _owned = [];

    public TensorProblem(ComputeDevice device, int rows, int inner, params ReadOnlySpan<int> outers)
    {
        (_device, _rows, _inner) = (device, rows, inner);
        _x = RandomData.Uniform(seed: 1, (RowsBefore + rows) * inner);
        var stored = Array.ConvertAll(_x, value => default(Bfloat16Format).Narrow(value));
        for (var i = 0; i < _x.Length; i++) _x[i] = default(Bfloat16Format).Widen(stored[i]);
        _buffer = device.Accelerator.Allocate1D<ushort>(stored.Length);
        _buffer.View.BaseView.CopyFromCPU(stored);
        foreach (var outer in outers)
            _weights.Add(device.Store(ElementType.Bf16, outer, inner, RandomData.Uniform(2 + _weights.Count, outer * inner)));
    }

    public Bfloat16Rows X => new(_buffer.View, _inner, RowsBefore, _rows);

    /// <summary>Runs with f32 outputs, one for each weight, and judges them.</summary>
    public void RunSingles(Action<TensorStore, float, TensorTarget[]> run, float alpha, bool add, bool bias)
    {
        var (outputs, biases, before) = (new List<Poisoned>(), new List<float[]>(), new List<float[]>());
        var targets = new List<TensorTarget>();
        foreach (var weight in _weights)
        {
            var outer = weight.Matrix.Rows;
            var y = Own(new Poisoned(_device, _rows * outer));
            before.Add(RandomData.Uniform(seed: 20 + outputs.Count, _rows * outer));
            if (add) y.View.CopyFromCPU(before[^1]);
            biases.Add(RandomData.Uniform(seed: 30 + outputs.Count, outer));
            var biasBuffer = Own(_device.Copy(biases[^1]));
            outputs.Add(y);
            targets.Add(new TensorTarget(weight.Matrix, Address(y.View), bias ? (ulong)biasBuffer.NativePtr : 0));
        }
        run(add ? TensorStore.Add : TensorStore.Replace, alpha, [.. targets]);
        _device.Synchronize();
        for (var i = 0; i < outputs.Count; i++)
        {
            var (expected, sizes) = Reference(i, alpha, add ? before[i] : null, bias ? biases[i] : null);
            Near.Absolute(expected, outputs[i].Read(), [.. sizes.Select(SumBound)]);
        }
    }

    /// <summary>Runs with one bf16 output: of the first weight, or of both, the first gating the second.</summary>
    public void RunBfloat16(Action<TensorStore, float, TensorTarget[]> run, float alpha, bool gated)
    {
        var outer = _weights[0].Matrix.Rows;
        var y = Own(new Poisoned(_device, _rows * outer / 2)); // in pairs
        run(
            gated ? TensorStore.Gated : TensorStore.Bfloat16, alpha,
            [.. _weights.Take(gated ? 2 : 1).Select(weight => new TensorTarget(weight.Matrix, Address(y.View)))]);
        _device.Synchronize();
        var actual = y.Read().SelectMany(pair => Halves(BitConverter.SingleToUInt32Bits(pair))).ToArray();
        var (sums, sizes) = Reference(0, alpha, null, null);
        if (!gated)
        {
            Near.Absolute(sums, actual, [.. sums.Select((sum, i) => (Math.Abs(sum) * Math.Pow(2, -8)) + SumBound(sizes[i]))]);
            return;
        }
        var (ups, upSizes) = Reference(1, alpha, null, null);
        var silu = sums.Select(gate => gate / (1 + Math.Exp(-gate))).ToArray();
        // silu is nowhere steeper than 1.1; its own roundings are some 2^-20, and bf16 rounds by 2^-9 of the result.
        Near.Absolute([.. silu.Select((value, i) => value * ups[i])], actual, [.. silu.Select((value, i) =>
            (1.1 * SumBound(sizes[i]) * (Math.Abs(ups[i]) + SumBound(upSizes[i]))) + (Math.Abs(value) * SumBound(upSizes[i]))
            + (Math.Abs(value * ups[i]) * (Math.Pow(2, -8) + Math.Pow(2, -20))))]);
    }

    public void Dispose()
    {
        _buffer.Dispose();
        foreach (var weight in _weights) weight.Dispose();
        foreach (var owned in _owned) owned.Dispose();
    }

    // Products of bf16 are exact in f32. Tensor cores align the terms of a sum to the largest and cut what is below 2^-23 of it, sixteen at a time.
    private double SumBound(double size) => (_inner + 3) * Math.Pow(2, -23) * size;

    private (double[] Y, double[] Sizes) Reference(int weight, float alpha, float[]? before, float[]? bias)
    {
        var outer = _weights[weight].Matrix.Rows;
        return MatMulReference.Run(
            _x[(RowsBefore * _inner)..], _weights[weight].Values, bias, before ?? new float[_rows * outer],
            new MatMulShape(_rows, _inner, outer, alpha, Accumulate: before is not null));
    }

    private static ulong Address(Floats view) => (ulong)view.LoadEffectiveAddressAsPtr();

    private static float[] Halves(uint pair) => [BitConverter.UInt32BitsToSingle(pair << 16), BitConverter.UInt32BitsToSingle(pair & 0xffff0000u)];

    private T Own<T>(T resource) where T : IDisposable
    {
        _owned.Add(resource);
        return resource;
    }
}
