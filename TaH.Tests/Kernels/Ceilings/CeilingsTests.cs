namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class CeilingsTests(TestDevices devices)
{
    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    /// <summary>A copy that left something out would be the faster for it. A size that no piece divides.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void A_copy_copies_all(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var bandwidth = new Bandwidth(device, (5 << 20) + (3 << 15), TimeSpan.Zero);
        ushort[] source = new ushort[bandwidth.ByteCount / 2], target = new ushort[bandwidth.ByteCount / 2];
        bandwidth.Copy();
        device.Download(bandwidth.Source.Halves, source);
        device.Download(bandwidth.Target.Halves, target);
        Assert.Equal(source, target);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void Rates_are_of_this_world(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var bandwidth = new Bandwidth(device, 16 << 20, TimeSpan.FromMilliseconds(10));
        // Below, nothing ran in earnest; above, the reading was left out. 100 TB/s is more than any first-level caches of today give together on a
        // CPU.
        Assert.InRange(bandwidth.ReadBytesPerSecond(), 1e8, 1e14);
        Assert.InRange(bandwidth.CopyBytesPerSecond(), 1e8, 1e14);
        Assert.InRange(MatrixRate.Measure(device, new MatMulShape(64, 256, 256), TimeSpan.FromMilliseconds(10)), 1e7, 1e16);
    }

    [Fact]
    public void Each_ceiling_is_the_better_of_two()
    {
        var shape = new MatMulShape(2, 3, 4);
        Assert.Equal(new DeviceCeilings(5, 6, 7, shape), new DeviceCeilings(5, 1, 7, shape).BestOf(new DeviceCeilings(2, 6, 3, shape)));
    }
}
