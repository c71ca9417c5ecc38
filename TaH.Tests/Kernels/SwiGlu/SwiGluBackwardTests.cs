using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SwiGluBackwardTests(TestDevices devices)
{
    // As of the forward pass: tails of vectors, pieces and groups; exponentials that overflow and vanish.
    public static TheoryData<SwiGluVariant, DeviceKind, int, float> Cases()
    {
        var cases = new TheoryData<SwiGluVariant, DeviceKind, int, float>();
        foreach (var (variant, kind) in KernelCases.Of<SwiGluVariant>())
        foreach (var ffn in (int[])[1, 17, 259])
        foreach (var scale in (float[])[3f, 100f])
            cases.Add(variant, kind, ffn, scale);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(SwiGluVariant variant, DeviceKind kind, int ffn, float scale)
    {
        var device = devices.OpenOrSkip(kind);
        float[] gate = RandomData.Uniform(1, 3 * ffn, scale), up = RandomData.Uniform(2, 3 * ffn), dh = RandomData.Uniform(3, 3 * ffn);
        using FloatBuffer gates = device.Copy(gate), ups = device.Copy(up), upstream = device.Copy(dh);
        using Poisoned dGate = new(device, gate.Length), dUp = new(device, gate.Length);
        devices.Once(device, variant, (on, by) => new SwiGluBackward(on, by))
            .Run(gates.View, ups.View, upstream.View, dGate.View, dUp.View, new SwiGluShape(Rows: 3, ffn));
        device.Synchronize();
        var (expectedGate, expectedUp) = Reference(gate.Widen(), up.Widen(), dh.Widen());
        // As of the forward pass; the slope cancels where it is zero, at a size of |gate| of the sigmoid.
        Near.Absolute(expectedGate, dGate.Read(), [.. gate.Select((g, i) =>
            (16 + Math.Abs(g)) * Math.Pow(2, -24) * Math.Abs(dh[i] * up[i]) * Sigmoid(g) * (1 + Math.Abs(g)) + 1e-36)]);
        Near.Absolute(expectedUp, dUp.Read(), [.. gate.Select((g, i) => ((8 + Math.Abs(g)) * Math.Pow(2, -24) * Math.Abs(expectedUp[i])) + 1e-36)]);
    }

    [Theory]
    [InlineData(SwiGluVariant.Portable, 0, 1), InlineData(SwiGluVariant.Portable, 2, 0), InlineData(SwiGluVariant.Portable, 1, 2)]
    [InlineData(SwiGluVariant.Simd, 0, 1), InlineData(SwiGluVariant.Simd, 2, 0), InlineData(SwiGluVariant.Simd, 1, 2)]
    public void May_write_over_any_two_inputs(SwiGluVariant variant, int gateOver, int upOver)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer gate = device.Copy(RandomData.Uniform(4, 1100, scale: 4)), up = device.Copy(RandomData.Uniform(5, 1100)),
            dh = device.Copy(RandomData.Uniform(6, 1100)), dGate = device.AllocateFloats(1100), dUp = device.AllocateFloats(1100);
        var backward = new SwiGluBackward(device, variant);
        var shape = new SwiGluShape(Rows: 2, Ffn: 550);
        backward.Run(gate.View, up.View, dh.View, dGate.View, dUp.View, shape);
        FloatBuffer[] inputs = [gate, up, dh];
        backward.Run(gate.View, up.View, dh.View, inputs[gateOver].View, inputs[upOver].View, shape);
        Assert.Equal(dGate.GetAsArray1D(), inputs[gateOver].GetAsArray1D());
        Assert.Equal(dUp.GetAsArray1D(), inputs[upOver].GetAsArray1D());
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        double[] gate = RandomData.Uniform(7, 20, scale: 3).Widen(), up = RandomData.Uniform(8, 20).Widen(), dh = RandomData.Uniform(9, 20).Widen();
        var (dGate, dUp) = Reference(gate, up, dh);
        double Loss() => FiniteDifferences.Dot(gate.Select((g, i) => g * Sigmoid(g) * up[i]), dh);
        FiniteDifferences.Verify(Loss, gate, dGate);
        FiniteDifferences.Verify(Loss, up, dUp);
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer room = device.AllocateFloats(6), dUp = device.AllocateFloats(5);
        var failure = Assert.Throws<ShapeException>(() => new SwiGluBackward(device, SwiGluVariant.Simd)
            .Run(room.View, room.View, room.View, room.View, dUp.View, new SwiGluShape(Rows: 2, Ffn: 3)));
        Assert.StartsWith("dUp has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }

    private static (double[] DGate, double[] DUp) Reference(double[] gate, double[] up, double[] dh) => (
        [.. gate.Select((g, i) => dh[i] * up[i] * Sigmoid(g) * (1 + (g * (1 - Sigmoid(g)))))],
        [.. gate.Select((g, i) => dh[i] * g * Sigmoid(g))]);

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
