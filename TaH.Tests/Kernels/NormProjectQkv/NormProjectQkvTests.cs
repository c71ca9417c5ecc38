namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class NormProjectQkvTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // 20: no octet of 16 bits; 1096: two panels of eight rows. 4104: squares in more chunks than
    // parts. Epsilon 10: a forgotten one cannot hide. Odd weights: pairs that end between them.
    public static TheoryData<WarpDevice, ElementType, int, int, float> Cases()
    {
        var cases = new TheoryData<WarpDevice, ElementType, int, int, float>();
        foreach (var device in Enum.GetValues<WarpDevice>())
        foreach (var type in device == WarpDevice.Card ? Enum.GetValues<ElementType>() : [ElementType.Bf16])
        foreach (var (rows, hidden, epsilon) in ((int, int, float)[])[(1, 64, 1e-6f), (3, 20, 10f), (8, 1096, 1e-6f), (2, 4104, 1e-6f)])
            cases.Add(device, type, rows, hidden, epsilon);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(WarpDevice where, ElementType type, int rows, int hidden, float epsilon)
    {
        var device = warps.OpenOrSkip(where, devices);
        var shape = new RmsNormShape(rows, hidden, epsilon);
        float[] x = RandomData.Uniform(seed: 1, rows * hidden), gain = RandomData.Uniform(seed: 2, hidden);
        using FloatBuffer xs = device.Copy(x), gains = device.Copy(gain);
        int[] outputs = [7, 3, 4];
        StoredWeights[] weights =
            [.. outputs.Select((count, i) => device.Store(type, count, hidden, RandomData.Uniform(seed: 3 + i, count * hidden)))];
        Poisoned[] ys = [.. outputs.Select(count => new Poisoned(device, rows * count))];
        new NormProjectQkvMatVec(device).Run(
            xs.View, gains.View, weights[0].Matrix, weights[1].Matrix, weights[2].Matrix, new QkvBuffers(ys[0].View, ys[1].View, ys[2].View), shape);
        device.Synchronize();
        for (var i = 0; i < outputs.Length; i++)
        {
            var (expected, bounds) = NormedProduct.Run(x, gain, weights[i].Values, outputs[i], shape);
            Near.Absolute(expected, ys[i].Read(), bounds);
            weights[i].Dispose();
            ys[i].Dispose();
        }
    }

    [Fact]
    public void Refuses_sizes_that_do_not_fit()
    {
        using var q = warps.Simulated.Store(ElementType.F32, rows: 2, columns: 8, new float[16]);
        using var k = warps.Simulated.Store(ElementType.F32, rows: 1, columns: 4, new float[4]);
        using FloatBuffer x = warps.Simulated.AllocateFloats(8), gain = warps.Simulated.AllocateFloats(8), y = warps.Simulated.AllocateFloats(2);
        var qkv = new QkvBuffers(y.View, y.View, y.View);
        var product = new NormProjectQkvMatVec(warps.Simulated);
        var failure = Assert.Throws<ShapeException>(
            () => product.Run(x.View, gain.View, q.Matrix, k.Matrix, q.Matrix, qkv, new RmsNormShape(Rows: 1, Hidden: 8, Epsilon: 1e-6f)));
        Assert.StartsWith("key columns has 4 elements where the shape asks for 8", failure.Message, StringComparison.Ordinal);
        failure = Assert.Throws<ShapeException>(
            () => product.Run(x.View, gain.View, q.Matrix, q.Matrix, q.Matrix, qkv, new RmsNormShape(Rows: 2, Hidden: 8, Epsilon: 1e-6f)));
        Assert.StartsWith("x has 8 elements", failure.Message, StringComparison.Ordinal);
    }
}
