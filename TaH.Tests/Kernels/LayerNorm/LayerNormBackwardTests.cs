using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class LayerNormBackwardTests(TestDevices devices)
{
    // Rows 3, 70: less than a group, chunks and a tail. Width 33, 257: tails. Offset 30: a mean that drowns a careless sum. Epsilon 10: not forgotten.
    public static TheoryData<LayerNormVariant, DeviceKind, int, int, float, float> Cases()
    {
        var cases = new TheoryData<LayerNormVariant, DeviceKind, int, int, float, float>();
        foreach (var (variant, kind) in KernelCases.Of<LayerNormVariant>())
        foreach (var (rows, width) in ((int, int)[])[(70, 33), (3, 257)])
        foreach (var (offset, epsilon) in ((float, float)[])[(0, 1e-5f), (30, 1e-5f), (0, 10)])
            cases.Add(variant, kind, rows, width, offset, epsilon);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(LayerNormVariant variant, DeviceKind kind, int rows, int width, float offset, float epsilon)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new LayerNormShape(rows, width, epsilon);
        float[] x = [.. RandomData.Uniform(1, rows * width).Select(value => value + offset)];
        float[] weight = RandomData.Uniform(2, width), dy = RandomData.Uniform(3, rows * width), before = RandomData.Uniform(4, width);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight), upstream = device.Copy(dy), dWeight = device.Copy(before),
            dBias = device.Copy(before), again = device.Copy(before), biasAgain = device.Copy(before);
        using var dx = new Poisoned(device, x.Length);
        var backward = devices.Once(device, variant, (on, by) => new LayerNormBackward(on, by));
        backward.Run(xs.View, weights.View, upstream.View, dx.View, dWeight.View, dBias.View, shape);
        backward.Run(xs.View, weights.View, upstream.View, upstream.View, again.View, biasAgain.View, shape); // over the gradient it reads
        device.Synchronize();
        var (expected, expectedWeight, expectedBias) = LayerNormBackwardReference.Run(x.Widen(), weight.Widen(), dy.Widen(), shape);
        // The mean rounds `width` times at the size of x, so that a normed element is off by as much, scaled; it is at most sqrt(width) itself. Sums
        // round as often as they have terms.
        var unit = Math.Pow(2, -24);
        var scale = x.Chunk(width).Max(row => 1 / Math.Sqrt(row.Average(value => Math.Pow(value - row.Average(v => (double)v), 2)) + epsilon));
        var normedBound = ((width * (1 + offset) * Math.Max(1, scale)) + 16) * unit;
        Near.Absolute(expected, dx.Read(), scale * ((2 * normedBound) + (2 * (width + 16) * unit * Math.Sqrt(width))));
        var weightBound = rows * (normedBound + ((rows + 16) * unit * 2));
        Near.Absolute([.. expectedWeight.Select((value, i) => value + before[i])], dWeight.GetAsArray1D()[..width], weightBound);
        Near.Absolute([.. expectedBias.Select((value, i) => value + before[i])], dBias.GetAsArray1D()[..width], rows * (rows + 16) * unit);
        Assert.Equal(dx.Read(), upstream.GetAsArray1D()[..x.Length]);
        Assert.Equal(dWeight.GetAsArray1D(), again.GetAsArray1D());
        Assert.Equal(dBias.GetAsArray1D(), biasAgain.GetAsArray1D());
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        var shape = new LayerNormShape(Rows: 3, Width: 7, Epsilon: 0.1f);
        double[] x = RandomData.Uniform(5, 21).Widen(), dy = RandomData.Uniform(6, 21).Widen();
        float[] weight = RandomData.Uniform(7, 7), bias = RandomData.Uniform(8, 7);
        var (dx, dWeight, dBias) = LayerNormBackwardReference.Run(x, weight.Widen(), dy, shape);
        FiniteDifferences.Verify(() => FiniteDifferences.Dot(LayerNormReference.Run(x, weight, bias, shape), dy), x, dx);
        // The loss is linear in weight and bias: the gradients, times them, make it up.
        var loss = FiniteDifferences.Dot(LayerNormReference.Run(x, weight, bias, shape), dy);
        Assert.Equal(loss, FiniteDifferences.Dot(dWeight, weight.Widen()) + FiniteDifferences.Dot(dBias, bias.Widen()), 1e-12);
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer room = device.AllocateFloats(6), dBias = device.AllocateFloats(2);
        using var backward = new LayerNormBackward(device, LayerNormVariant.Simd);
        var failure = Assert.Throws<ShapeException>(() => backward.Run(
            room.View, room.View, room.View, room.View, room.View, dBias.View, new LayerNormShape(Rows: 2, Width: 3, Epsilon: 1e-5f)));
        Assert.StartsWith("dBias has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }
}
