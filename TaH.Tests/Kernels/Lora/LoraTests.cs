using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class LoraTests(TestDevices devices)
{
    public static TheoryData<DeviceKind, bool, int, int> Cases()
    {
        var cases = new TheoryData<DeviceKind, bool, int, int>();
        foreach (var kind in Enum.GetValues<DeviceKind>())
        foreach (var portableOnly in (bool[])(kind == DeviceKind.Cpu ? [false, true] : [true]))
        foreach (var (fromRow, rows) in ((int, int)[])[(0, 3), (2, 1), (3, 13), (16, 0)])
            cases.Add(kind, portableOnly, fromRow, rows);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Adds_to_the_given_rows_only(DeviceKind kind, bool portableOnly, int fromRow, int rows)
    {
        const int AllRows = 16, Inputs = 37, Rank = 5, Outputs = 19;
        const float Scale = 1.5f;
        var device = devices.OpenOrSkip(kind);
        using var a = device.Store(ElementType.Bf16, Rank, Inputs, RandomData.Uniform(seed: 1, Rank * Inputs));
        using var b = device.Store(ElementType.F32, Outputs, Rank, RandomData.Uniform(seed: 2, Outputs * Rank));
        float[] x = RandomData.Uniform(seed: 3, AllRows * Inputs), y = RandomData.Uniform(seed: 4, AllRows * Outputs);
        using FloatBuffer xs = device.Copy(x), ys = device.Copy(y);
        using var lora = new Lora(device, new MatMulByRows(device, portableOnly), maxRows: 13, Rank);
        lora.Run(xs.View, new LoraPair(a.Matrix, b.Matrix, Scale), ys.View, fromRow, rows);
        device.Synchronize();
        var actual = ys.GetAsArray1D();
        var end = fromRow + rows;
        Assert.Equal(y[..(fromRow * Outputs)], actual[..(fromRow * Outputs)]);
        Assert.Equal(y[(end * Outputs)..], actual[(end * Outputs)..]);
        var shape = new MatMulShape(rows, Inputs, Rank);
        var (reduced, _) = MatMulReference.Run(x[(fromRow * Inputs)..(end * Inputs)], a.Values, null, new float[rows * Rank], shape);
        for (var row = 0; row < rows; row++)
        for (var output = 0; output < Outputs; output++)
        {
            var update = Scale * Enumerable.Range(0, Rank).Sum(k => reduced[(row * Rank) + k] * b.Values[(output * Rank) + k]);
            var at = ((fromRow + row) * Outputs) + output;
            // |x A^T| <= inputs and |B| <= 1, so no sum exceeds scale * rank * inputs; each of the two products rounds about as often as it has
            // terms.
            var bound = (Inputs + Rank + 4) * Math.Pow(2, -24) * ((Scale * Rank * Inputs) + 1);
            Assert.InRange(actual[at], y[at] + update - bound, y[at] + update + bound);
        }
    }

    [Fact]
    public void Refuses_more_than_its_scratch_holds()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var a = device.Store(ElementType.F32, 4, 3, new float[12]);
        using var b = device.Store(ElementType.F32, 2, 4, new float[8]);
        using FloatBuffer x = device.AllocateFloats(9), y = device.AllocateFloats(6);
        using var lora = new Lora(device, new MatMulByRows(device), maxRows: 2, maxRank: 4);
        var failure = Assert.Throws<ShapeException>(() => lora.Run(x.View, new LoraPair(a.Matrix, b.Matrix, 1), y.View, fromRow: 0, rows: 3));
        Assert.StartsWith("scratch has 8 elements where the shape asks for 12", failure.Message, StringComparison.Ordinal);
    }
}
