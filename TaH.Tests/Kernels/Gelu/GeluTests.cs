using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class GeluTests(TestDevices devices)
{
    public static TheoryData<GeluVariant, DeviceKind> Cases()
    {
        var cases = new TheoryData<GeluVariant, DeviceKind>();
        foreach (var (variant, kind) in KernelCases.Of<GeluVariant>()) cases.Add(variant, kind);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Is_good_to_single_precision_over_the_whole_range(GeluVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        // Both tails until f32 has no more numbers for them, both zeros, and an odd length.
        float[] x = [.. Enumerable.Range(-1300, 2601).Select(i => i / 100f), 0f, -0f, 1e-30f, -1e-30f, 1e18f, -1e18f, 3e-4f, -3e-4f];
        using var xs = device.Copy(x);
        using var y = new Poisoned(device, x.Length);
        new Gelu(device, variant).Run(xs.View, y.View, x.Length);
        device.Synchronize();
        var expected = x.Select(value => GeluReference.Run(value)).ToArray();
        // The documented bound, doubled because OpenCL allows an exponential three roundings and a GPU rounds its argument; what is too small for
        // f32's normal range may become zero.
        Near.Absolute(expected, y.Read(), [.. x.Select((value, i) =>
            (8 * (value < 0 ? 1 + ((double)value * value / 2) : 1) * Math.Pow(2, -24) * Math.Abs(expected[i])) + 1e-36)]);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Keeps_infinity_and_NaN(GeluVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        // Often enough to fill vectors, and a tail.
        float[] x = [.. Enumerable.Repeat((float[])[float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.MinValue], 15)
            .SelectMany(values => values)];
        using var xs = device.Copy(x);
        using var y = new Poisoned(device, x.Length);
        new Gelu(device, variant).Run(xs.View, y.View, x.Length);
        device.Synchronize();
        Assert.Equal(x.Select(value => value < 0 ? 0f : value), y.Read().Select(value => value == 0 ? 0f : value)); // -0 is 0
    }

    [Theory, InlineData(GeluVariant.Portable), InlineData(GeluVariant.Simd)]
    public void May_write_over_its_input(GeluVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var x = RandomData.Uniform(seed: 1, 2500, scale: 3);
        using FloatBuffer xs = device.Copy(x), apart = device.AllocateFloats(x.Length);
        new Gelu(device, variant).Run(xs.View, apart.View, x.Length);
        new Gelu(device, variant).Run(xs.View, xs.View, x.Length);
        Assert.Equal(apart.GetAsArray1D(), xs.GetAsArray1D());
    }

    // The reference itself, against tabulated values.
    [Theory, InlineData(0.5, 0.47950012218695346), InlineData(1, 0.15729920705028513), InlineData(3, 2.2090496998585441e-5)]
    [InlineData(-1, 1.8427007929497148)]
    public void The_reference_knows_erfc(double z, double erfc) => Assert.Equal(erfc, GeluReference.Erfc(z), 1e-13 * erfc);
}
