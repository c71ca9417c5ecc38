using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class AdamWTests(TestDevices devices)
{
    // 1, 5000: a tail, more than a piece. With and without decay, clipping and the copy.
    public static TheoryData<OptimizerVariant, DeviceKind, int, double, float, bool> Cases()
    {
        var cases = new TheoryData<OptimizerVariant, DeviceKind, int, double, float, bool>();
        foreach (var (variant, kind) in KernelCases.Of<OptimizerVariant>())
        foreach (var (length, decay, scale, copies) in ((int, double, float, bool)[])[(1, 0, 1f, true), (5000, 0.1, 0.3f, false), (131, 0.01, 1f, true)])
            cases.Add(variant, kind, length, decay, scale, copies);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Steps_as_the_double_reference_does(OptimizerVariant variant, DeviceKind kind, int length, double decay, float scale, bool copies)
    {
        const int Steps = 3;
        var device = devices.OpenOrSkip(kind);
        var weight = RandomData.Uniform(1, length);
        double[] expected = weight.Widen(), first = new double[length], second = new double[length];
        using FloatBuffer weights = device.Copy(weight), firstMoments = device.Copy(new float[length]), secondMoments = device.Copy(new float[length]),
            scales = device.Copy([scale]);
        using var copy = device.Accelerator.Allocate1D<ushort>(length);
        var adam = devices.Once(device, variant, (on, by) => new AdamW(on, by));
        for (var step = 1; step <= Steps; step++)
        {
            var settings = new AdamWStep(LearningRate: 0.01 / step, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, decay, step);
            // Some gradients of zero: there a step is a rate of 0 / epsilon.
            var gradient = RandomData.Uniform(step + 1, length).Select((value, i) => i % 7 == 6 ? 0f : value).ToArray();
            using var gradients = device.Copy(gradient);
            adam.Run(
                weights.View.BaseView.SubView(0, length), gradients.View, firstMoments.View, secondMoments.View, copies ? copy.View.BaseView : default,
                scales.View, settings);
            device.Synchronize();
            AdamWReference.Step(expected, gradient, first, second, scale, settings);
        }
        var actual = weights.GetAsArray1D()[..length];
        // A step moves a weight by the rate times at most a few; eight roundings of that, and each of the weight's own.
        Near.Absolute(expected, actual, Steps * ((16 * 0.01) + 2) * Math.Pow(2, -24));
        Near.Absolute(first, firstMoments.GetAsArray1D()[..length], 4 * Steps * Math.Pow(2, -24));
        Near.Relative(second, secondMoments.GetAsArray1D()[..length], 4 * Steps * Math.Pow(2, -24));
        if (copies) Assert.Equal(actual.Select(value => default(Bfloat16Format).Narrow(value)), copy.GetAsArray1D());
    }

    [Theory, InlineData(OptimizerVariant.Portable), InlineData(OptimizerVariant.Simd)]
    public void Takes_the_same_steps_twice(OptimizerVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        Assert.Equal(Run(), Run());

        float[] Run()
        {
            using FloatBuffer weights = device.Copy(RandomData.Uniform(1, 9000)), gradients = device.Copy(RandomData.Uniform(2, 9000)),
                first = device.Copy(RandomData.Uniform(3, 9000)), second = device.Copy([.. RandomData.Uniform(4, 9000).Select(MathF.Abs)]),
                scale = device.Copy([0.5f]);
            using var adam = new AdamW(device, variant);
            adam.Run(
                weights.View, gradients.View, first.View, second.View, default, scale.View, new AdamWStep(1e-3, 0.9, 0.999, 1e-8, 0.01, Step: 7));
            device.Synchronize();
            return [.. weights.GetAsArray1D(), .. first.GetAsArray1D(), .. second.GetAsArray1D()];
        }
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer room = device.AllocateFloats(3), second = device.AllocateFloats(2);
        using var adam = new AdamW(device, OptimizerVariant.Simd);
        var step = new AdamWStep(1e-3, 0.9, 0.999, 1e-8, 0, Step: 1);
        var failure = Assert.Throws<ShapeException>(() => adam.Run(room.View, room.View, room.View, second.View, default, room.View, step));
        Assert.StartsWith("secondMoments has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => adam.Run(room.View, room.View, room.View, room.View, default, room.View, step with { Step = 0 }));
    }
}
