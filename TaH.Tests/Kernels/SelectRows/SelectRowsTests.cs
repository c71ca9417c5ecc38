using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SelectRowsTests(TestDevices devices)
{
    private const int Table = 9;
    private static readonly int[] Indices = [7, 0, 3, 8];

    // 1, 33: below and past a warp; 130: a tail behind four elements a thread; 20,001: pieces of a row, the last one short.
    public static TheoryData<SelectRowsVariant, DeviceKind, int> Cases()
    {
        var cases = new TheoryData<SelectRowsVariant, DeviceKind, int>();
        foreach (var (variant, kind) in KernelCases.Of<SelectRowsVariant>())
        foreach (var width in (int[])[1, 33, 130, 20_001])
            cases.Add(variant, kind, width);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gathers(SelectRowsVariant variant, DeviceKind kind, int width)
    {
        var (device, operation) = Open(variant, kind);
        var shape = new SelectRowsShape(Indices.Length, width);
        float[] table = RandomData.Uniform(1, Table * width), addend = RandomData.Uniform(2, Indices.Length * width);
        using FloatBuffer tables = device.Copy(table), addends = device.Copy(addend);
        using var indices = device.Copy(Indices);
        using Poisoned gathered = new(device, addend.Length), sum = new(device, addend.Length);
        operation.Gather(tables.View, indices.View, gathered.View, shape);
        operation.GatherAdd(tables.View, indices.View, addends.View, sum.View, shape);
        operation.GatherAdd(tables.View, indices.View, addends.View, addends.View, shape);
        device.Synchronize();
        float[] expected = [.. Indices.SelectMany(index => table[(index * width)..((index + 1) * width)])];
        Assert.Equal(expected, gathered.Read());
        Assert.Equal(expected.Zip(addend, (left, right) => left + right), sum.Read());
        Assert.Equal(sum.Read(), addends.GetAsArray1D()[..addend.Length]);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Scatters(SelectRowsVariant variant, DeviceKind kind, int width)
    {
        var (device, operation) = Open(variant, kind);
        var shape = new SelectRowsShape(Indices.Length, width);
        float[] table = RandomData.Uniform(3, Table * width), x = RandomData.Uniform(4, Indices.Length * width);
        using var xs = device.Copy(x);
        using var indices = device.Copy(Indices);
        using Poisoned replaced = new(device, table.Length), added = new(device, table.Length);
        replaced.View.CopyFromCPU(table);
        added.View.CopyFromCPU(table);
        operation.Scatter(xs.View, indices.View, replaced.View, shape);
        operation.ScatterAdd(xs.View, indices.View, added.View, shape);
        device.Synchronize();
        float[] expected = [.. table], sums = [.. table];
        for (var at = 0; at < x.Length; at++)
        {
            var target = (Indices[at / width] * width) + (at % width);
            expected[target] = x[at];
            sums[target] += x[at];
        }
        Assert.Equal(expected, replaced.Read());
        Assert.Equal(sums, added.Read());
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var x = device.AllocateFloats(5);
        using var indices = device.AllocateInts(2);
        var failure = Assert.Throws<ShapeException>(
            () => new SelectRows(device, SelectRowsVariant.Simd).ScatterAdd(x.View, indices.View, x.View, new SelectRowsShape(Count: 2, Width: 3)));
        Assert.StartsWith("x has 5 elements where the shape asks for 6", failure.Message, StringComparison.Ordinal);
    }

    private (ComputeDevice Device, SelectRows Operation) Open(SelectRowsVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        return (device, devices.Once(device, variant, (on, by) => new SelectRows(on, by)));
    }
}
