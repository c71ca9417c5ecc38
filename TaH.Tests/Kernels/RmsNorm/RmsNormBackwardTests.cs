using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RmsNormBackwardTests(TestDevices devices)
{
    // 1, 33: below and past a warp; 1025: past a block. Rows 3: less than a group takes; 70: chunks and a tail. Epsilon 10: a forgotten one shows.
    public static TheoryData<RmsNormVariant, DeviceKind, int, int, float, bool> Cases()
    {
        var cases = new TheoryData<RmsNormVariant, DeviceKind, int, int, float, bool>();
        foreach (var (variant, kind) in KernelCases.Of<RmsNormVariant>())
        foreach (var (rows, hidden) in ((int, int)[])[(3, 1), (70, 33), (5, 1025)])
        foreach (var (epsilon, add) in ((float, bool)[])[(1e-6f, false), (10f, true)])
            cases.Add(variant, kind, rows, hidden, epsilon, add);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(RmsNormVariant variant, DeviceKind kind, int rows, int hidden, float epsilon, bool add)
    {
        var device = devices.OpenOrSkip(kind);
        var shape = new RmsNormShape(rows, hidden, epsilon);
        float[] x = RandomData.Uniform(1, rows * hidden), weight = RandomData.Uniform(2, hidden), dy = RandomData.Uniform(3, rows * hidden);
        float[] before = RandomData.Uniform(4, rows * hidden), weightBefore = RandomData.Uniform(5, hidden);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight), upstream = device.Copy(dy);
        var (expected, expectedWeight) = RmsNormBackwardReference.Run(x.Widen(), weight.Widen(), dy.Widen(), shape);
        // As many roundings in the sums as they have terms and some more, of a term at most as large as a row's scale times the root of its length.
        var scale = x.Chunk(hidden).Max(row => 1 / Math.Sqrt(row.Average(value => (double)value * value) + epsilon));
        var bound = (hidden + 16) * Math.Pow(2, -24) * scale * 2 * Math.Sqrt(hidden);
        var weightBound = (rows + hidden + 16) * Math.Pow(2, -24) * rows * Math.Max(1, scale);
        float[]? first = null;
        for (var run = 0; run < 2; run++)
        {
            using var dx = new Poisoned(device, x.Length);
            using var dWeight = device.Copy(weightBefore);
            if (add) dx.View.CopyFromCPU(before);
            devices.Once(device, variant, (on, by) => new RmsNormBackward(on, by))
                .Run(xs.View, weights.View, upstream.View, dx.View, dWeight.View, shape, add);
            device.Synchronize();
            float[] gradient = dx.Read(), weightGradient = dWeight.GetAsArray1D()[..hidden];
            Near.Absolute([.. expected.Select((value, i) => value + (add ? before[i] : 0))], gradient, bound + Math.Pow(2, -23));
            Near.Absolute([.. expectedWeight.Select((value, i) => value + weightBefore[i])], weightGradient, weightBound);
            float[] both = [.. gradient, .. weightGradient];
            first ??= both;
            Assert.Equal(first, both);
        }
    }

    [Theory, InlineData(RmsNormVariant.Portable), InlineData(RmsNormVariant.Simd)]
    public void May_write_over_the_gradient_it_reads(RmsNormVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var shape = new RmsNormShape(Rows: 9, Hidden: 37, Epsilon: 1e-6f);
        float[] x = RandomData.Uniform(6, 9 * 37), weight = RandomData.Uniform(7, 37), dy = RandomData.Uniform(8, 9 * 37);
        using FloatBuffer xs = device.Copy(x), weights = device.Copy(weight), upstream = device.Copy(dy), apart = device.AllocateFloats(9 * 37);
        using FloatBuffer dWeight = device.Copy(new float[37]), again = device.Copy(new float[37]);
        using var backward = new RmsNormBackward(device, variant);
        backward.Run(xs.View, weights.View, upstream.View, apart.View, dWeight.View, shape, addToDx: false);
        backward.Run(xs.View, weights.View, upstream.View, upstream.View, again.View, shape, addToDx: false);
        Assert.Equal(apart.GetAsArray1D(), upstream.GetAsArray1D());
        Assert.Equal(dWeight.GetAsArray1D(), again.GetAsArray1D());
    }

    [Fact]
    public void The_reference_agrees_with_finite_differences()
    {
        var shape = new RmsNormShape(Rows: 3, Hidden: 7, Epsilon: 0.1f);
        double[] x = RandomData.Uniform(9, 21).Widen(), weight = RandomData.Uniform(10, 7).Widen(), dy = RandomData.Uniform(11, 21).Widen();
        var (dx, dWeight) = RmsNormBackwardReference.Run(x, weight, dy, shape);
        double Loss() => FiniteDifferences.Dot(RmsNormBackwardReference.Forward(x, weight, shape), dy);
        FiniteDifferences.Verify(Loss, x, dx);
        FiniteDifferences.Verify(Loss, weight, dWeight);
    }

    [Fact]
    public void Refuses_a_view_that_is_too_short()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer room = device.AllocateFloats(6), dWeight = device.AllocateFloats(2);
        using var backward = new RmsNormBackward(device, RmsNormVariant.Simd);
        var failure = Assert.Throws<ShapeException>(() => backward.Run(
            room.View, room.View, room.View, room.View, dWeight.View, new RmsNormShape(Rows: 2, Hidden: 3, Epsilon: 1e-6f), addToDx: false));
        Assert.StartsWith("dWeight has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }
}
