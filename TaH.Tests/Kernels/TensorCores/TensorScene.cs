using ILGPU;
using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// Operands of a product to be timed: near normal values, the weight as many times as it takes to fill more memory than the cache holds.
/// </summary>
internal sealed class TensorScene : IDisposable
{
    private const long Rotated = 160L << 20;
    private const int Samples = 9;

    /// <summary>Milliseconds before each measurement: a card that was busy just now runs slower than one that rested.</summary>
    public const int Pause = 40;

    private readonly ComputeDevice _device;
    private readonly int _rows;
    private readonly int _inner;
    private readonly WeightMatrix[] _weights;
    private readonly MemoryBuffer1D<ushort, Stride1D.Dense> _x;
    private readonly FloatBuffer _y;

    public TensorScene(ComputeDevice device, int rows, int outer, int inner)
    {
        (_device, _rows, _inner) = (device, rows, inner);
        _x = device.Accelerator.Allocate1D<ushort>((long)rows * inner);
        _y = device.AllocateFloats((long)rows * outer);
        var normal = Normal(1 << 20);
        Fill(_x.View, normal);
        _weights = [.. Enumerable.Range(0, Weights(outer, inner)).Select(_ => WeightMatrix.Allocate(device, ElementType.Bf16, outer, inner))];
        foreach (var weight in _weights) Fill(weight.Halves, normal);
        _y.MemSetToZero(device.Accelerator.DefaultStream);
        device.Synchronize();
    }

    /// <summary>How many weights of a shape are rotated.</summary>
    public static int Weights(int outer, int inner) => (int)Math.Clamp(Rotated / ((long)outer * inner * sizeof(ushort)), 2, 40);

    /// <summary>Microseconds of a launch in a graph of many.</summary>
    /// <param name="rotating">Whether each launch has another weight than the one before, which then comes from memory.</param>
    /// <param name="weights">How many weights a launch takes.</param>
    /// <param name="launch">Queues one launch.</param>
    public double Time(bool rotating, int weights, Action<Bfloat16Rows, TensorTarget[]> launch)
    {
        Thread.Sleep(Pause);
        var x = new Bfloat16Rows(_x.View, _inner, 0, _rows);
        var launches = 2 * _weights.Length;
        var targets = Enumerable.Range(0, _weights.Length).Select(first => Targets(rotating ? first : 0, weights)).ToArray();
        return GraphTimer.Median(_device, () =>
        {
            for (var i = 0; i < launches; i++) launch(x, targets[i % targets.Length]);
        }, Samples) / launches;
    }

    public void Dispose()
    {
        foreach (var weight in _weights) weight.Dispose();
        _x.Dispose();
        _y.Dispose();
    }

    private TensorTarget[] Targets(int first, int count) => [.. Enumerable.Range(first, count).Select(i =>
        new TensorTarget(_weights[i % _weights.Length], (ulong)_y.NativePtr))];

    /// <summary>Repeats values until a buffer is full.</summary>
    public static void Fill(ArrayView<ushort> target, ushort[] values)
    {
        for (long at = 0; at < target.Length; at += values.Length)
        {
            var count = (int)Math.Min(values.Length, target.Length - at);
            target.SubView(at, count).CopyFromCPU(values.AsSpan(0, count).ToArray());
        }
    }

    /// <summary>Normal values as bf16.</summary>
    public static ushort[] Normal(int count)
    {
        var random = new Random(1);
        var values = new ushort[count];
        for (var i = 0; i < count; i++)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = default(Bfloat16Format).Narrow((float)(radius * Math.Cos(2 * Math.PI * random.NextDouble())));
        }
        return values;
    }
}
