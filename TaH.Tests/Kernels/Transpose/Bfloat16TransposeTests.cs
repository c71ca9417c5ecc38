using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class Bfloat16TransposeTests(TestDevices devices)
{
    private const int Guard = 8;
    private const ushort Poison = 0x7fc3;

    public static TheoryData<DeviceKind, int, int> Cases()
    {
        var cases = new TheoryData<DeviceKind, int, int>();
        foreach (var kind in Enum.GetValues<DeviceKind>())
        foreach (var (rows, columns) in TransposeTests.Sizes)
            cases.Add(kind, rows, columns);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Rounds_and_turns_rows_into_columns(DeviceKind kind, int rows, int columns)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new TransposeShape(rows, columns);
        var x = RandomData.Uniform(1, rows * columns);
        for (var at = 0; at < x.Length; at += 3) x[at] = 1f + (((at % 7) + 0.5f) / 128); // halfway between two: ties go to the even one
        ushort[] straight = [.. x.Select(default(Bfloat16Format).Narrow)];
        var expected = Transposed(straight, shape);
        var operation = devices.Once(device, TransposeVariant.Portable, (on, _) => new Bfloat16Transpose(on));
        using var xs = device.Copy(x);
        using var narrow = device.Accelerator.Allocate1D(straight);
        using MemoryBuffer1D<ushort, ILGPU.Stride1D.Dense> alone = Poisoned(device, expected.Length), both = Poisoned(device, expected.Length),
            copied = Poisoned(device, x.Length), fromBfloat16 = Poisoned(device, expected.Length);
        operation.Run(xs.View, Inner(alone, expected.Length), shape);
        operation.Run(xs.View, Inner(both, expected.Length), Inner(copied, x.Length), shape);
        operation.Run(narrow.View, Inner(fromBfloat16, expected.Length), shape);
        device.Synchronize();
        Assert.Equal(Guarded(expected), alone.GetAsArray1D());
        Assert.Equal(Guarded(expected), both.GetAsArray1D());
        Assert.Equal(Guarded(straight), copied.GetAsArray1D());
        Assert.Equal(Guarded(expected), fromBfloat16.GetAsArray1D());
    }

    [Fact]
    public void Refuses_a_view_without_room_for_the_padding()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var x = device.AllocateFloats(6);
        using var transposed = device.Accelerator.Allocate1D<ushort>(6);
        var failure = Assert.Throws<ShapeException>(
            () => new Bfloat16Transpose(device).Run(x.View, transposed.View, new TransposeShape(Rows: 2, Columns: 3)));
        Assert.StartsWith("transposed has 6 elements where the shape asks for 24", failure.Message, StringComparison.Ordinal);
    }

    private static ushort[] Transposed(ushort[] x, TransposeShape shape)
    {
        var transposed = new ushort[shape.Columns * shape.RowsPadded];
        for (var at = 0; at < x.Length; at++) transposed[(at % shape.Columns * shape.RowsPadded) + (at / shape.Columns)] = x[at];
        return transposed;
    }

    private static MemoryBuffer1D<ushort, ILGPU.Stride1D.Dense> Poisoned(ComputeDevice device, int length) =>
        device.Accelerator.Allocate1D(Enumerable.Repeat(Poison, length + (2 * Guard)).ToArray());

    private static ILGPU.ArrayView<ushort> Inner(MemoryBuffer1D<ushort, ILGPU.Stride1D.Dense> buffer, int length) =>
        buffer.View.BaseView.SubView(Guard, length);

    private static ushort[] Guarded(ushort[] values)
    {
        var guard = Enumerable.Repeat(Poison, Guard);
        return [.. guard, .. values, .. guard];
    }
}
