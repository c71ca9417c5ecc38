using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class RopeTableTests(TestDevices devices)
{
    [Theory, InlineData(DeviceKind.Cpu), InlineData(DeviceKind.OpenCl), InlineData(DeviceKind.Cuda)]
    public void Holds_the_correctly_rounded_cosine_of_the_f32_angle(DeviceKind kind)
    {
        const int HeadDim = 6;
        using var table = new RopeTable(devices.OpenOrSkip(kind), HeadDim, theta: 1e6);
        table.Reserve(3);
        var grown = table.Positions;
        table.Reserve(50_000);
        Assert.True(grown is >= 3 and < 50_000, $"{grown} positions after reserving 3");
        var lines = new float[table.View.Length];
        table.View.CopyToCPU(lines);
        foreach (var position in (int[])[0, 1, 511, 512, 40_959, 49_999])
        {
            for (var i = 0; i < HeadDim / 2; i++)
            {
                double angle = RotateAndStoreReference.Angle(position, i, HeadDim, 1e6);
                Assert.Equal((float)Math.Cos(angle), lines[(position * HeadDim) + i]);
                Assert.Equal((float)Math.Sin(angle), lines[(position * HeadDim) + (HeadDim / 2) + i]);
            }
        }
    }

    [Fact]
    public void Refuses_an_odd_head() =>
        Assert.Throws<ArgumentException>(() => new RopeTable(devices.OpenOrSkip(DeviceKind.Cpu), headDim: 5, theta: 1e4));
}
