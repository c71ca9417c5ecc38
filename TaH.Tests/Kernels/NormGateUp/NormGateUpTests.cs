namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class NormGateUpTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // As for q, k and v. Ffn 17: past a group's pairs.
    public static TheoryData<WarpDevice, ElementType, int, int, int> Cases()
    {
        var cases = new TheoryData<WarpDevice, ElementType, int, int, int>();
        foreach (var device in Enum.GetValues<WarpDevice>())
        foreach (var type in device == WarpDevice.Card ? Enum.GetValues<ElementType>() : [ElementType.Bf16])
        foreach (var (rows, hidden, ffn) in ((int, int, int)[])[(1, 64, 17), (2, 20, 5), (6, 1096, 3)])
            cases.Add(device, type, rows, hidden, ffn);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(WarpDevice where, ElementType type, int rows, int hidden, int ffn)
    {
        var device = warps.OpenOrSkip(where, devices);
        var shape = new RmsNormShape(rows, hidden, Epsilon: 1e-6f);
        float[] x = RandomData.Uniform(seed: 1, rows * hidden), gain = RandomData.Uniform(seed: 2, hidden);
        using FloatBuffer xs = device.Copy(x), gains = device.Copy(gain);
        using StoredWeights gate = device.Store(type, ffn, hidden, RandomData.Uniform(seed: 3, ffn * hidden)),
            up = device.Store(type, ffn, hidden, RandomData.Uniform(seed: 4, ffn * hidden));
        using var h = new Poisoned(device, rows * ffn);
        new NormGateUpMatVec(device).Run(xs.View, gains.View, gate.Matrix, up.Matrix, h.View, shape);
        device.Synchronize();
        var (gates, gateBounds) = NormedProduct.Run(x, gain, gate.Values, ffn, shape);
        var (ups, upBounds) = NormedProduct.Run(x, gain, up.Values, ffn, shape);
        var silu = gates.Select(g => g / (1 + Math.Exp(-g))).ToArray();
        // silu is nowhere steeper than 1.1 and at most |gate|; its own roundings as in SwiGluTests.
        Near.Absolute([.. silu.Select((value, i) => value * ups[i])], h.Read(), [.. silu.Select((value, i) =>
            (1.1 * gateBounds[i] * (Math.Abs(ups[i]) + upBounds[i])) + (Math.Abs(value) * upBounds[i])
            + ((8 + Math.Abs(gates[i])) * Math.Pow(2, -24) * Math.Abs(value * ups[i])))]);
    }

    // What decides tokens must not depend on which other rows happen to share the pass. 2056: panels end in other places for eight rows than for one.
    [Theory, InlineData(WarpDevice.Card, 2056, 2000), InlineData(WarpDevice.Card, 1024, 40), InlineData(WarpDevice.Simulated, 2056, 2)]
    public void A_row_is_the_same_bit_for_bit_in_any_company(WarpDevice where, int hidden, int ffn)
    {
        var device = warps.OpenOrSkip(where, devices);
        const int Rows = 7;
        float[] x = RandomData.Uniform(seed: 1, Rows * hidden), gain = RandomData.Uniform(seed: 2, hidden);
        using FloatBuffer xs = device.Copy(x), gains = device.Copy(gain);
        using StoredWeights gate = device.Store(ElementType.Bf16, ffn, hidden, RandomData.Uniform(seed: 3, ffn * hidden)),
            up = device.Store(ElementType.Bf16, ffn, hidden, RandomData.Uniform(seed: 4, ffn * hidden));
        using Poisoned together = new(device, Rows * ffn), alone = new(device, ffn);
        var product = new NormGateUpMatVec(device);
        product.Run(xs.View, gains.View, gate.Matrix, up.Matrix, together.View, new RmsNormShape(Rows, hidden, 1e-6f));
        product.Run(xs.View.BaseView.SubView(5 * hidden, hidden), gains.View, gate.Matrix, up.Matrix, alone.View, new RmsNormShape(1, hidden, 1e-6f));
        device.Synchronize();
        Assert.Equal(alone.Read(), together.Read()[(5 * ffn)..(6 * ffn)]);
    }

    [Fact]
    public void Refuses_weights_that_do_not_fit_each_other()
    {
        using var gate = warps.Simulated.Store(ElementType.F32, rows: 2, columns: 8, new float[16]);
        using var up = warps.Simulated.Store(ElementType.F32, rows: 1, columns: 8, new float[8]);
        using FloatBuffer x = warps.Simulated.AllocateFloats(8), h = warps.Simulated.AllocateFloats(2);
        var failure = Assert.Throws<ShapeException>(() => new NormGateUpMatVec(warps.Simulated).Run(
            x.View, x.View, gate.Matrix, up.Matrix, h.View, new RmsNormShape(Rows: 1, Hidden: 8, Epsilon: 1e-6f)));
        Assert.StartsWith("up rows has 1 elements where the shape asks for 2", failure.Message, StringComparison.Ordinal);
    }
}
