using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class GeluBackwardTests(TestDevices devices)
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
        float[] x = [.. Enumerable.Range(-1300, 2601).Select(i => i / 100f), 0f, -0f, 1e-30f, 1e18f, -1e18f, float.PositiveInfinity];
        var dy = RandomData.Uniform(seed: 1, x.Length);
        using FloatBuffer xs = device.Copy(x), upstream = device.Copy(dy);
        using var dx = new Poisoned(device, x.Length);
        var backward = devices.Once(device, variant, (on, by) => new GeluBackward(on, by));
        backward.Run(xs.View, upstream.View, dx.View, x.Length);
        backward.Run(xs.View, upstream.View, xs.View, x.Length); // over its input
        device.Synchronize();
        // Two terms of opposite signs below zero, each as good as the forward pass: exp(-x^2 / 2) magnifies the rounding of its argument.
        Near.Absolute([.. x.Select((value, i) => dy[i] * Slope(value))], dx.Read(), [.. x.Select((value, i) =>
        {
            double near = Math.Clamp(value, -20, 20);
            var tail = Math.Exp(-near * near / 2) * (1 + Math.Abs(near));
            return (8 * Math.Pow(2, -24) * Math.Abs(dy[i]) * ((value > 0 ? 1 : 0) + (tail * (1 + (near * near / 2))))) + 1e-36;
        })]);
        Assert.Equal(dx.Read(), xs.GetAsArray1D()[..x.Length]);
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        double[] x = [-4, -1.3, -0.1, 0, 0.7, 2, 5];
        FiniteDifferences.Verify(() => x.Sum(GeluReference.Run), x, [.. x.Select(Slope)]);
    }

    private static double Slope(double x) => double.IsInfinity(x) ? 1
        : (GeluReference.Erfc(-x / Math.Sqrt(2)) / 2) + (x * Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI));
}
