using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class ColumnSumsTests(TestDevices devices)
{
    // Rows 1, 32, 33, 1100: one launch, one just full, two, three. Columns 1, 17, 259: fewer than threads, a tail after vectors, several groups.
    public static TheoryData<ColumnSumsVariant, DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<ColumnSumsVariant, DeviceKind, int, int>();
        foreach (var (variant, kind) in KernelCases.Of<ColumnSumsVariant>())
        foreach (var (rows, columns) in ((int, int)[])[(1, 17), (32, 1), (33, 259), (1100, 3)])
            cases.Add(variant, kind, rows, columns);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Adds_what_the_double_reference_adds(ColumnSumsVariant variant, DeviceKind kind, int rows, int columns)
    {
        var device = devices.OpenOrSkip(kind);
        float[] x = RandomData.Uniform(1, rows * columns), before = RandomData.Uniform(2, columns);
        using var xs = device.Copy(x);
        var expected = before.Select((value, c) => value + Enumerable.Range(0, rows).Sum(r => (double)x[(r * columns) + c])).ToArray();
        float[]? first = null;
        for (var run = 0; run < 2; run++)
        {
            using var sums = new Poisoned(device, columns);
            sums.View.CopyFromCPU(before);
            devices.Once(device, variant, (on, by) => new ColumnSums(on, by)).Run(xs.View, sums.View, new ColumnSumsShape(rows, columns));
            device.Synchronize();
            // As many roundings as terms, of partial sums that are at most as large as all terms together.
            Near.Absolute(expected, sums.Read(), (rows + 1) * (rows + 1) * Math.Pow(2, -24));
            first ??= sums.Read();
            Assert.Equal(first, sums.Read());
        }
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer x = device.AllocateFloats(6), sums = device.AllocateFloats(2);
        using var columns = new ColumnSums(device, ColumnSumsVariant.Simd);
        var failure = Assert.Throws<ShapeException>(() => columns.Run(x.View, sums.View, new ColumnSumsShape(Rows: 2, Columns: 3)));
        Assert.StartsWith("sums has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }
}
