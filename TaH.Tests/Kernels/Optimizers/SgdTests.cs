using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class SgdTests(TestDevices devices)
{
    public static TheoryData<OptimizerVariant, DeviceKind, int, float, float> Cases()
    {
        var cases = new TheoryData<OptimizerVariant, DeviceKind, int, float, float>();
        foreach (var (variant, kind) in KernelCases.Of<OptimizerVariant>())
        foreach (var length in (int[])[1, 2500])
        foreach (var (momentum, decay) in ((float, float)[])[(0, 0), (0, 0.1f), (0.9f, 0.1f)])
            cases.Add(variant, kind, length, momentum, decay);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Steps_as_the_double_reference_does(OptimizerVariant variant, DeviceKind kind, int length, float momentum, float decay)
    {
        const float Scale = 0.5f;
        const int Steps = 2;
        var device = devices.OpenOrSkip(kind);
        float[] weight = RandomData.Uniform(1, length), gradient = RandomData.Uniform(2, length);
        double[] expected = weight.Widen(), moment = new double[length];
        using FloatBuffer weights = device.Copy(weight), gradients = device.Copy(gradient), moments = device.Copy(new float[length]),
            scale = device.Copy([Scale]);
        var step = new SgdStep(LearningRate: 0.05f, momentum, decay);
        for (var run = 0; run < Steps; run++)
        {
            devices.Once(device, variant, (on, by) => new Sgd(on, by))
                .Run(weights.View.BaseView.SubView(0, length), gradients.View, momentum == 0 ? default : moments.View, scale.View, step);
            for (var i = 0; i < length; i++)
            {
                moment[i] = ((double)momentum * moment[i]) + ((double)Scale * gradient[i]) + (decay * expected[i]);
                expected[i] -= step.LearningRate * moment[i];
            }
        }
        device.Synchronize();
        Near.Absolute(expected, weights.GetAsArray1D()[..length], Steps * 3 * Math.Pow(2, -24)); // of weights below 2, and of smaller updates
        if (momentum != 0) Near.Absolute(moment, moments.GetAsArray1D()[..length], Steps * 5 * Math.Pow(2, -24));
    }

    [Fact]
    public void Refuses_momentum_without_moments()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var room = device.AllocateFloats(3);
        using var sgd = new Sgd(device, OptimizerVariant.Simd);
        var failure = Assert.Throws<ShapeException>(() => sgd.Run(room.View, room.View, default, room.View, new SgdStep(0.1f, Momentum: 0.9f)));
        Assert.StartsWith("moments has 0 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }
}
