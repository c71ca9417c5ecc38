namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class BinaryCrossEntropyTests(TestDevices devices)
{
    public static TheoryData<BinaryCrossEntropyVariant, DeviceKind> Cases()
    {
        var cases = new TheoryData<BinaryCrossEntropyVariant, DeviceKind>();
        foreach (var (variant, kind) in KernelCases.Of<BinaryCrossEntropyVariant>()) cases.Add(variant, kind);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(BinaryCrossEntropyVariant variant, DeviceKind kind)
    {
        const float PositiveWeight = 5.4f, Scale = 0.25f;
        var device = devices.OpenOrSkip(kind);
        // Each target often, and logits at which exp overflows or its sum with 1 is 1.
        float[] logits = [.. RandomData.Uniform(1, 600, scale: 4), 0f, 0f, 0f, 20f, 20f, -20f, -20f, 200f, 200f, -200f, -200f, 1e30f, -1e30f];
        int[] targets = [.. Enumerable.Range(0, logits.Length).Select(i => (i % 3) - 1)];
        using var zs = device.Copy(logits);
        using var labels = device.Copy(targets);
        using Poisoned losses = new(device, logits.Length), gradients = new(device, logits.Length);
        devices.Once(device, variant, (on, by) => new BinaryCrossEntropy(on, by))
            .Run(zs.View, labels.View, PositiveWeight, Scale, losses.View, gradients.View, logits.Length);
        device.Synchronize();
        // Ten roundings; a GPU's exponential is off by |z| more, and its logarithm of about 1 by a unit of 1. What f32 cannot hold may become zero.
        double Bound(float z, double expected) => ((10 + Math.Abs(z)) * Math.Pow(2, -24) * Math.Abs(expected)) + 1e-36;
        Near.Absolute(
            [.. logits.Select((z, i) => Loss(z, targets[i], PositiveWeight))], losses.Read(),
            [.. logits.Select((z, i) => Bound(z, Loss(z, targets[i], PositiveWeight)) + (PositiveWeight * Math.Pow(2, -22)))]);
        Near.Absolute(
            [.. logits.Select((z, i) => Scale * Gradient(z, targets[i], PositiveWeight))], gradients.Read(),
            [.. logits.Select((z, i) => Bound(Math.Min(Math.Abs(z), 100), Scale * Gradient(z, targets[i], PositiveWeight)))]);
        for (var i = 0; i < targets.Length; i++)
            if (targets[i] < 0) Assert.Equal((0f, 0f), (losses.Read()[i], gradients.Read()[i]));
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences_and_with_the_formula_of_torch()
    {
        double[] z = [-3, -0.5, 0, 0.2, 4, 1];
        int[] targets = [1, 0, 1, 0, 1, -1];
        FiniteDifferences.Verify(() => z.Select((value, i) => Loss(value, targets[i], 5.4)).Sum(), z,
            [.. z.Select((value, i) => Gradient(value, targets[i], 5.4))]);
        for (var i = 0; i < 5; i++)
        {
            var torch = ((1 - targets[i]) * z[i]) + ((((5.4 - 1) * targets[i]) + 1) * (Math.Log(1 + Math.Exp(-Math.Abs(z[i]))) + Math.Max(-z[i], 0)));
            Assert.Equal(torch, Loss(z[i], targets[i], 5.4), 1e-12);
        }
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer room = device.AllocateFloats(3), losses = device.AllocateFloats(2);
        using var targets = device.AllocateInts(3);
        var failure = Assert.Throws<ShapeException>(() => new BinaryCrossEntropy(device, BinaryCrossEntropyVariant.Simd)
            .Run(room.View, targets.View, posWeight: 1f, scale: 1f, losses.View, room.View, rows: 3));
        Assert.StartsWith("losses has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }

    private static double Loss(double z, int target, double positiveWeight) =>
        target < 0 ? 0 : target == 1 ? positiveWeight * Softplus(-z) : Softplus(z);

    private static double Gradient(double z, int target, double positiveWeight) =>
        target < 0 ? 0 : target == 1 ? -positiveWeight / (1 + Math.Exp(z)) : 1 / (1 + Math.Exp(-z));

    private static double Softplus(double z)
    {
        var small = Math.Exp(-Math.Abs(z));
        return Math.Max(z, 0) + (small < 1e-8 ? small : Math.Log(1 + small));
    }
}
