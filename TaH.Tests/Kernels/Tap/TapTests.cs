namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class TapTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // 3: below a quad; 2,051: groups, and a rest of three.
    [Theory, InlineData(WarpDevice.Card, 3), InlineData(WarpDevice.Card, 2051)]
    [InlineData(WarpDevice.Simulated, 3), InlineData(WarpDevice.Simulated, 2051)]
    public void Keeps_a_hidden_state(WarpDevice where, int length)
    {
        var device = warps.OpenOrSkip(where, devices);
        var x = RandomData.Uniform(seed: 1, length);
        using var xs = device.Copy(x);
        using var target = new Poisoned(device, length);
        new TapCudaQuads(device).Run(xs.View, target.View, length);
        device.Synchronize();
        Assert.Equal(x, target.Read());
    }

    [Fact]
    public void Refuses_what_is_too_short()
    {
        using FloatBuffer x = warps.Simulated.AllocateFloats(8), target = warps.Simulated.AllocateFloats(7);
        Assert.Throws<ShapeException>(() => new TapCudaQuads(warps.Simulated).Run(x.View, target.View, 8));
    }
}
