using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RmsNormTests(TestDevices devices)
{
    // 1, 33: below and past a warp; 1023: scalar tail after vectors; 1025: past a block. Epsilon 10: a forgotten one cannot hide.
    public static TheoryData<RmsNormVariant, DeviceKind, int, float> Cases()
    {
        var cases = new TheoryData<RmsNormVariant, DeviceKind, int, float>();
        foreach (var (variant, kind) in KernelCases.Of<RmsNormVariant>())
        foreach (var hidden in (int[])[1, 33, 1023, 1025])
        foreach (var epsilon in (float[])[1e-6f, 10f])
            cases.Add(variant, kind, hidden, epsilon);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(RmsNormVariant variant, DeviceKind kind, int hidden, float epsilon)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new RmsNormShape(Rows: 3, hidden, epsilon);
        float[] x = RandomData.Uniform(seed: 1, shape.Rows * hidden), weight = RandomData.Uniform(seed: 2, hidden);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight);
        using var y = new Poisoned(device, x.Length);
        new RmsNorm(device, variant).Run(xs.View, weights.View, y.View, shape);
        device.Synchronize();
        // Squares are positive, nothing cancels, so a relative bound holds per element: `hidden` roundings in the sum, halved by the root, then eight
        // (a GPU's root is approximate).
        Near.Relative(RmsNormReference.Run(x, weight, shape), y.Read(), ((hidden / 2) + 8) * Math.Pow(2, -24));
    }

    [Theory, InlineData(RmsNormVariant.Portable), InlineData(RmsNormVariant.Simd)]
    public void May_write_over_its_input(RmsNormVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var shape = new RmsNormShape(Rows: 5, Hidden: 37, Epsilon: 1e-6f);
        float[] x = RandomData.Uniform(seed: 3, shape.Rows * shape.Hidden), weight = RandomData.Uniform(seed: 4, shape.Hidden);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight);
        new RmsNorm(device, variant).Run(xs.View, weights.View, xs.View, shape);
        Near.Relative(RmsNormReference.Run(x, weight, shape), xs.GetAsArray1D(), ((shape.Hidden / 2) + 8) * Math.Pow(2, -24));
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer x = device.AllocateFloats(6), weight = device.AllocateFloats(3), y = device.AllocateFloats(5);
        var failure = Assert.Throws<ShapeException>(
            () => new RmsNorm(device, RmsNormVariant.Simd).Run(x.View, weight.View, y.View, new RmsNormShape(Rows: 2, Hidden: 3, Epsilon: 1e-6f)));
        Assert.StartsWith("y has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }
}
