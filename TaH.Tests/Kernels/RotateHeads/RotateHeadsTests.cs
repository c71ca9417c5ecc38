using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RotateHeadsTests(TestDevices devices)
{
    private const double Theta = 1e6;

    // Not in order, one twice, one far out where a badly rounded angle would be off by whole turns.
    private static readonly int[] Positions = [5, 0, 40_959, 5, 311];

    // headDim 2: one pair; 20: a tail after vectors and fewer pairs than threads; 128: real models. Heads 1, 6: no full group of heads, one and a half.
    public static TheoryData<RotateHeadsVariant, DeviceKind, int, int, float> Cases()
    {
        var cases = new TheoryData<RotateHeadsVariant, DeviceKind, int, int, float>();
        foreach (var (variant, kind) in KernelCases.Of<RotateHeadsVariant>())
        foreach (var (heads, headDim, epsilon) in ((int, int, float)[])[(1, 2, 1e-6f), (6, 20, 10f), (3, 128, 1e-6f)])
            cases.Add(variant, kind, heads, headDim, epsilon);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(RotateHeadsVariant variant, DeviceKind kind, int heads, int headDim, float epsilon)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new RotateHeadsShape(Positions.Length, heads, headDim, epsilon);
        float[] x = RandomData.Uniform(1, (int)shape.Length), weight = RandomData.Uniform(2, headDim);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight);
        using var positions = device.Copy(Positions);
        using var rope = Rope(device, headDim);
        using var y = new Poisoned(device, x.Length);
        var rotate = devices.Once(device, variant, (on, by) => new RotateHeads(on, by));
        rotate.Run(xs.View, weights.View, positions.View, rope, y.View, shape);
        rotate.Run(xs.View, weights.View, positions.View, rope, xs.View, shape); // over its input
        device.Synchronize();
        // As of RotateAndStore: headDim / 2 + 8 roundings of a number up to sqrt(headDim), then the rotation's four.
        var bound = ((headDim / 2) + 12) * Math.Sqrt(headDim) * Math.Pow(2, -24);
        Near.Absolute(RotateHeadsReference.Forward(x.Widen(), weight.Widen(), Positions, Theta, shape), y.Read(), bound);
        Assert.Equal(y.Read(), xs.GetAsArray1D()[..x.Length]);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradients_equal_the_double_reference(RotateHeadsVariant variant, DeviceKind kind, int heads, int headDim, float epsilon)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new RotateHeadsShape(Positions.Length, heads, headDim, epsilon);
        float[] x = RandomData.Uniform(3, (int)shape.Length), weight = RandomData.Uniform(4, headDim), dy = RandomData.Uniform(5, (int)shape.Length);
        var before = RandomData.Uniform(6, headDim);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight), upstream = device.Copy(dy), first = device.Copy(before),
            second = device.Copy(before);
        using var positions = device.Copy(Positions);
        using var rope = Rope(device, headDim);
        using var dx = new Poisoned(device, x.Length);
        var backward = devices.Once(device, variant, (on, by) => new RotateHeadsBackward(on, by));
        backward.Run(xs.View, weights.View, positions.View, rope, upstream.View, dx.View, first.View, shape);
        backward.Run(xs.View, weights.View, positions.View, rope, upstream.View, upstream.View, second.View, shape); // over the gradient it reads
        device.Synchronize();
        var (expected, expectedWeight) = RotateHeadsReference.Backward(x.Widen(), weight.Widen(), Positions, Theta, dy.Widen(), shape);
        // As of RmsNormBackward; a turned gradient is up to sqrt(2).
        var scale = x.Chunk(headDim).Max(head => 1 / Math.Sqrt(head.Average(value => (double)value * value) + epsilon));
        var rows = shape.Rows * heads;
        Near.Absolute(expected, dx.Read(), (headDim + 16) * Math.Pow(2, -24) * scale * 3 * Math.Sqrt(headDim));
        Near.Absolute(
            [.. expectedWeight.Select((value, i) => value + before[i])], first.GetAsArray1D()[..headDim],
            (rows + headDim + 16) * Math.Pow(2, -24) * rows * 2 * Math.Max(1, scale));
        Assert.Equal(dx.Read(), upstream.GetAsArray1D()[..x.Length]);
        Assert.Equal(first.GetAsArray1D(), second.GetAsArray1D());
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        var shape = new RotateHeadsShape(Rows: 2, Heads: 2, HeadDim: 6, Epsilon: 0.1f);
        int[] positions = [3, 11];
        double[] x = RandomData.Uniform(7, 24).Widen(), weight = RandomData.Uniform(8, 6).Widen(), dy = RandomData.Uniform(9, 24).Widen();
        var (dx, dWeight) = RotateHeadsReference.Backward(x, weight, positions, 100, dy, shape);
        double Loss() => FiniteDifferences.Dot(RotateHeadsReference.Forward(x, weight, positions, 100, shape), dy);
        FiniteDifferences.Verify(Loss, x, dx);
        FiniteDifferences.Verify(Loss, weight, dWeight);
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var room = device.AllocateFloats(8);
        using var positions = device.AllocateInts(1);
        using RopeTable rope = Rope(device, 4), narrow = Rope(device, 2);
        var shape = new RotateHeadsShape(Rows: 2, Heads: 1, HeadDim: 4, Epsilon: 1e-6f);
        var failure = Assert.Throws<ShapeException>(() => new RotateHeads(device, RotateHeadsVariant.Simd)
            .Run(room.View, room.View, positions.View, rope, room.View, shape));
        Assert.StartsWith("positions has 1 elements where the shape asks for 2", failure.Message, StringComparison.Ordinal);
        using var backward = new RotateHeadsBackward(device, RotateHeadsVariant.Simd);
        failure = Assert.Throws<ShapeException>(() => backward.Run(
            room.View, room.View, positions.View, narrow, room.View, room.View, room.View, shape with { Rows = 1 }));
        Assert.StartsWith("a line of the rope table has 2 elements where the shape asks for 4", failure.Message, StringComparison.Ordinal);
    }

    private static RopeTable Rope(ComputeDevice device, int headDim)
    {
        var rope = new RopeTable(device, headDim, Theta);
        rope.Reserve(Positions.Max() + 1);
        return rope;
    }
}
