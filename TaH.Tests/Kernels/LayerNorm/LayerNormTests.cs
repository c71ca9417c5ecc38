using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class LayerNormTests(TestDevices devices)
{
    // 1: no variance at all; 33, 257: tails. Offset 30: a mean that a one-walk variance would drown in. Epsilon 10: a forgotten one cannot hide.
    public static TheoryData<LayerNormVariant, DeviceKind, int, float, float> Cases()
    {
        var cases = new TheoryData<LayerNormVariant, DeviceKind, int, float, float>();
        foreach (var (variant, kind) in KernelCases.Of<LayerNormVariant>())
        foreach (var width in (int[])[1, 33, 257])
        foreach (var (offset, epsilon) in ((float, float)[])[(0, 1e-5f), (30, 1e-5f), (0, 10)])
            cases.Add(variant, kind, width, offset, epsilon);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(LayerNormVariant variant, DeviceKind kind, int width, float offset, float epsilon)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new LayerNormShape(Rows: 3, width, epsilon);
        float[] x = [.. RandomData.Uniform(seed: 1, 3 * width).Select(value => value + offset)];
        float[] weight = RandomData.Uniform(seed: 2, width), bias = RandomData.Uniform(seed: 3, width);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight), biases = device.Copy(bias);
        using var y = new Poisoned(device, x.Length);
        new LayerNorm(device, variant).Run(xs.View, weights.View, biases.View, y.View, shape);
        device.Synchronize();
        VerifyNear(x, weight, bias, y.Read(), shape);
    }

    [Theory, InlineData(LayerNormVariant.Portable), InlineData(LayerNormVariant.Simd)]
    public void May_write_over_its_input(LayerNormVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var shape = new LayerNormShape(Rows: 6, Width: 37, Epsilon: 1e-5f);
        float[] x = RandomData.Uniform(seed: 4, 6 * 37), weight = RandomData.Uniform(seed: 5, 37), bias = RandomData.Uniform(seed: 6, 37);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight), biases = device.Copy(bias);
        new LayerNorm(device, variant).Run(xs.View, weights.View, biases.View, xs.View, shape);
        VerifyNear(x, weight, bias, xs.GetAsArray1D(), shape);
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer x = device.AllocateFloats(6), weight = device.AllocateFloats(3), bias = device.AllocateFloats(2);
        var failure = Assert.Throws<ShapeException>(() =>
            new LayerNorm(device, LayerNormVariant.Simd).Run(
                x.View, weight.View, bias.View, x.View, new LayerNormShape(Rows: 2, Width: 3, Epsilon: 1e-5f)));
        Assert.StartsWith("bias has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }

    private static void VerifyNear(float[] x, float[] weight, float[] bias, float[] actual, LayerNormShape shape)
    {
        // The mean rounds `width` times at the size of x; that error, and eight roundings of the rest, are scaled up by 1 / sqrt(variance + epsilon).
        var expected = LayerNormReference.Run([.. x.Select(value => (double)value)], weight, bias, shape);
        var bounds = new double[x.Length];
        for (var row = 0; row < shape.Rows; row++)
        {
            var source = x.AsSpan(row * shape.Width, shape.Width).ToArray();
            var mean = source.Average(value => (double)value);
            var scale = 1 / Math.Sqrt(source.Average(value => (value - mean) * (value - mean)) + shape.Epsilon);
            var size = source.Max(Math.Abs);
            for (var i = 0; i < shape.Width; i++)
                bounds[(row * shape.Width) + i] = (shape.Width + 8) * Math.Pow(2, -24) * ((size * scale * Math.Abs(weight[i])) + Math.Abs(bias[i]));
        }
        Near.Absolute(expected, actual, bounds);
    }
}
