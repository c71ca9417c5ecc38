namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SumOfSquaresTests(TestDevices devices)
{
    // 0; 1; 33: past a thread's share on the CPU; 5000: more than a group's on a GPU; 300,000: three launches on OpenCL.
    public static TheoryData<OptimizerVariant, DeviceKind, int> Cases()
    {
        var cases = new TheoryData<OptimizerVariant, DeviceKind, int>();
        foreach (var (variant, kind) in KernelCases.Of<OptimizerVariant>())
        foreach (var length in (int[])[0, 1, 33, 5000, 300_000])
            cases.Add(variant, kind, length);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Is_exact_to_a_millionth_and_the_same_twice(OptimizerVariant variant, DeviceKind kind, int length)
    {
        var device = devices.OpenOrSkip(kind);
        // Sizes over six powers of ten.
        var values = RandomData.Uniform(1, length).Select((value, i) => value * MathF.Pow(10, i % 7)).ToArray();
        using var all = device.Copy(values);
        using Poisoned result = new(device, 1), again = new(device, 1);
        var squares = devices.Once(device, variant, (on, by) => new SumOfSquares(on, by));
        squares.Run(all.View.BaseView.SubView(0, length), result.View);
        squares.Run(all.View.BaseView.SubView(0, length), again.View);
        device.Synchronize();
        // Per launch eight sums of a thread, two of its four and up to eight of the tree, each a rounding that is as often up as down.
        Near.Relative([values.Sum(value => (double)value * value)], result.Read(), 1e-6);
        Assert.Equal(result.Read(), again.Read());
    }

    [Fact]
    public void Keeps_its_digits_over_ten_million_equal_values()
    {
        // One running f32 sum would stop growing at 2^24 times a term.
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var values = device.Copy([.. Enumerable.Repeat(0.1f, 10_000_000)]);
        using var result = new Poisoned(device, 1);
        using var squares = new SumOfSquares(device, OptimizerVariant.Simd);
        squares.Run(values.View, result.View);
        Near.Relative([1e7 * 0.1f * 0.1f], result.Read(), 1e-6);
    }

    [Theory, InlineData(DeviceKind.Cpu), InlineData(DeviceKind.OpenCl), InlineData(DeviceKind.Cuda)]
    public void Clips_as_torch_does(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var clip = new ClipScale(device);
        foreach (var (sum, bound, scale) in ((float, float, double)[])[(25, 1, 1 / (5 + 1e-6)), (25, 6, 1), (25, 0, 1), (0, 1, 1), (1e-14f, 0, 1)])
        {
            using var sums = device.Copy([sum]);
            using Poisoned scales = new(device, 1), norms = new(device, 1);
            clip.Run(sums.View, bound, scales.View, norms.View);
            device.Synchronize();
            Near.Relative([scale], scales.Read(), 4 * Math.Pow(2, -24));
            Near.Relative([Math.Sqrt(sum)], norms.Read(), 4 * Math.Pow(2, -24));
        }
        using var broken = device.Copy([float.NaN]);
        using Poisoned brokenScale = new(device, 1), brokenNorm = new(device, 1);
        clip.Run(broken.View, 1f, brokenScale.View, brokenNorm.View);
        device.Synchronize();
        Assert.Equal((float.NaN, float.NaN), (brokenScale.Read()[0], brokenNorm.Read()[0])); // seen by whoever reads the norm, and not clipped away
        Assert.Throws<ArgumentOutOfRangeException>(() => clip.Run(broken.View, -1f, brokenScale.View, brokenNorm.View));
    }
}
