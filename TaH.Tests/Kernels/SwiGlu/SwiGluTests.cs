using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SwiGluTests(TestDevices devices)
{
    // 1; 17: a tail after vectors; 259 x 3: pieces and groups that end in the middle. Scale 100: exponentials that overflow and vanish.
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
        var shape = new SwiGluShape(Rows: 3, ffn);
        float[] gate = RandomData.Uniform(seed: 1, 3 * ffn, scale), up = RandomData.Uniform(seed: 2, 3 * ffn);
        using FloatBuffer gates = device.Copy(gate), ups = device.Copy(up);
        using var h = new Poisoned(device, gate.Length);
        new SwiGlu(device, variant).Run(gates.View, ups.View, h.View, shape);
        device.Synchronize();
        VerifyNear(gate, up, h.Read());
    }

    [Theory, InlineData(SwiGluVariant.Portable), InlineData(SwiGluVariant.Simd)]
    public void May_write_over_either_input(SwiGluVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        float[] gate = RandomData.Uniform(seed: 3, 1100, scale: 4), up = RandomData.Uniform(seed: 4, 1100);
        var swiGlu = new SwiGlu(device, variant);
        using FloatBuffer gates = device.Copy(gate), ups = device.Copy(up), overUp = device.Copy(up);
        swiGlu.Run(gates.View, overUp.View, overUp.View, new SwiGluShape(Rows: 2, Ffn: 550));
        VerifyNear(gate, up, overUp.GetAsArray1D());
        swiGlu.Run(gates.View, ups.View, gates.View, new SwiGluShape(Rows: 2, Ffn: 550));
        VerifyNear(gate, up, gates.GetAsArray1D());
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer gate = device.AllocateFloats(6), up = device.AllocateFloats(5), h = device.AllocateFloats(6);
        var failure = Assert.Throws<ShapeException>(
            () => new SwiGlu(device, SwiGluVariant.Simd).Run(gate.View, up.View, h.View, new SwiGluShape(Rows: 2, Ffn: 3)));
        Assert.StartsWith("up has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }

    private static void VerifyNear(float[] gate, float[] up, float[] actual)
    {
        var expected = gate.Select((g, i) => g / (1 + Math.Exp(-(double)g)) * up[i]).ToArray();
        // Eight roundings of exponential, sum, quotient and products; a GPU takes the exponential as a power of two of a rounded product, which costs
        // |gate| more. What is too small for f32's normal range may become zero.
        Near.Absolute(expected, actual, [.. gate.Select((g, i) => ((8 + Math.Abs(g)) * Math.Pow(2, -24) * Math.Abs(expected[i])) + 1e-36)]);
    }
}
