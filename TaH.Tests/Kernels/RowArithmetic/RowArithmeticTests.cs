using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RowArithmeticTests(TestDevices devices)
{
    // One column, past a group, past a vector: 3 rows of each.
    public static TheoryData<RowArithmeticVariant, DeviceKind, int> Cases()
    {
        var cases = new TheoryData<RowArithmeticVariant, DeviceKind, int>();
        foreach (var (variant, kind) in KernelCases.Of<RowArithmeticVariant>())
            foreach (var columns in new[] { 1, 131, 1000 }) cases.Add(variant, kind, columns);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Sums_and_biases_are_single_roundings(RowArithmeticVariant variant, DeviceKind kind, int columns)
    {
        var (device, rows) = Open(kind, variant);
        float[] x = RandomData.Uniform(1, 3 * columns), y = RandomData.Uniform(2, 3 * columns), bias = RandomData.Uniform(3, columns);
        using FloatBuffer xs = device.Copy(x), sums = device.Copy(y), biased = device.Copy(y), biases = device.Copy(bias);
        rows.Add(xs.View.BaseView, sums.View.BaseView, (3 * columns) - 1);
        rows.AddBias(biases.View.BaseView, biased.View.BaseView, new RowsShape(3, columns));
        device.Synchronize();
        // The last element lies past the length: it stays.
        Assert.Equal([.. y.Zip(x, (a, b) => a + b).SkipLast(1), y[^1]], sums.GetAsArray1D()[..y.Length]);
        Assert.Equal(y.Select((value, i) => value + bias[i % columns]), biased.GetAsArray1D()[..y.Length]);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Columns_go_where_they_shall_and_others_stay(RowArithmeticVariant variant, DeviceKind kind, int columns)
    {
        var (device, rows) = Open(kind, variant);
        int fromWidth = columns + 5, toWidth = columns + 3;
        float[] source = RandomData.Uniform(1, 3 * fromWidth), target = RandomData.Uniform(2, 3 * toWidth);
        using FloatBuffer sources = device.Copy(source), targets = device.Copy(target);
        rows.CopyColumns(sources.View.BaseView, targets.View.BaseView, new ColumnsShape(3, columns, 4, fromWidth, 2, toWidth));
        device.Synchronize();
        for (var row = 0; row < 3; row++) source.AsSpan((row * fromWidth) + 4, columns).CopyTo(target.AsSpan((row * toWidth) + 2));
        Assert.Equal(target, targets.GetAsArray1D()[..target.Length]);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Softmax_equals_the_double_reference(RowArithmeticVariant variant, DeviceKind kind, int columns)
    {
        var (device, rows) = Open(kind, variant);
        // The second row would overflow without its maximum, the third underflow.
        var x = RandomData.Uniform(1, 3 * columns, scale: 8).Select((value, i) => value + (i / columns) switch { 1 => 500f, 2 => -500f, _ => 0f }).ToArray();
        using FloatBuffer xs = device.Copy(x), inPlace = device.Copy(x);
        using var ys = new Poisoned(device, x.Length);
        rows.Softmax(xs.View.BaseView, ys.View, new RowsShape(3, columns));
        rows.Softmax(inPlace.View.BaseView, inPlace.View.BaseView, new RowsShape(3, columns));
        device.Synchronize();
        double[] expected = [.. Enumerable.Range(0, 3).SelectMany(row =>
        {
            double[] exponentials = [.. x[(row * columns)..((row + 1) * columns)].Select(value => Math.Exp(value - x[(row * columns)..((row + 1) * columns)].Max()))];
            return exponentials.Select(value => value / exponentials.Sum());
        })];
        // The difference of x and the maximum, up to 16, is exact to 2^-24 of 516, which the exponential makes relative; sums add a rounding a term.
        Near.Relative(expected, ys.Read(), (columns + 16) * Math.Pow(2, -24));
        Assert.Equal(ys.Read(), inPlace.GetAsArray1D()[..x.Length]);
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        var (device, rows) = Open(DeviceKind.Cpu, RowArithmeticVariant.Simd);
        using FloatBuffer six = device.AllocateFloats(6), five = device.AllocateFloats(5);
        Floats whole = six.View.BaseView, few = five.View.BaseView;
        Assert.Throws<ShapeException>(() => rows.Add(few, whole, 6));
        Assert.Throws<ShapeException>(() => rows.AddBias(whole, few, new RowsShape(2, 3)));
        Assert.Throws<ShapeException>(() => rows.Softmax(whole, few, new RowsShape(2, 3)));
        Assert.Throws<ShapeException>(() => rows.CopyColumns(whole, whole, new ColumnsShape(2, 2, 2, 3, 0, 3)));
        Assert.Throws<ShapeException>(() => rows.CopyColumns(whole, whole, new ColumnsShape(2, 2, 0, 3, 2, 3)));
    }

    private (ComputeDevice Device, RowArithmetic Rows) Open(DeviceKind kind, RowArithmeticVariant variant)
    {
        var device = devices.OpenOrSkip(kind);
        return (device, devices.Once(device, variant, (on, by) => new RowArithmetic(on, by)));
    }
}
