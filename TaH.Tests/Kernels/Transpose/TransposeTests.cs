namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class TransposeTests(TestDevices devices)
{
    // Single rows and columns; whole tiles; a tile and tails of one to three on either side.
    public static (int Rows, int Columns)[] Sizes => [(1, 1), (1, 70), (70, 1), (64, 32), (35, 97), (129, 66), (68, 131)];

    public static TheoryData<TransposeVariant, DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<TransposeVariant, DeviceKind, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<TransposeVariant>())
        foreach (var (rows, columns) in Sizes)
            cases.Add(variant, kind, rows, columns);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Turns_rows_into_columns(TransposeVariant variant, DeviceKind kind, int rows, int columns)
    {
        var device = devices.OpenOrSkip(kind);
        var x = RandomData.Uniform(1, rows * columns);
        using var xs = device.Copy(x);
        using var y = new Poisoned(device, x.Length);
        devices.Once(device, variant, (on, by) => new Transpose(on, by)).Run(xs.View, y.View, new TransposeShape(rows, columns));
        device.Synchronize();
        Assert.Equal([.. Enumerable.Range(0, x.Length).Select(at => x[(at % rows * columns) + (at / rows)])], y.Read());
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer x = device.AllocateFloats(6), y = device.AllocateFloats(5);
        var failure = Assert.Throws<ShapeException>(
            () => new Transpose(device, TransposeVariant.Simd).Run(x.View, y.View, new TransposeShape(Rows: 2, Columns: 3)));
        Assert.StartsWith("y has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }
}
