using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class NcclSumTests(TestDevices devices)
{
    [Fact]
    public void The_sum_over_one_rank_is_what_was_there()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        SkipWithoutLibrary();
        var values = RandomData.Uniform(1, (16 << 20) + 1001); // a whole piece and a rest
        using var buffer = device.Copy(values);
        using (var sum = NcclSum.Join(device, NcclSum.NewId(), rank: 0, worldSize: 1, () => { }))
        {
            device.Accelerator.Bind();
            sum.Run(buffer.View.BaseView, () => { });
            sum.Run(buffer.View.BaseView.SubView(0, 3), () => { });
        }
        Assert.Equal(values, buffer.GetAsArray1D()[..values.Length]);
        // ILGPU's own context is the thread's again: its kernels run.
        using var copy = device.Copy(values);
        device.Synchronize();
    }

    [Fact]
    public void A_machine_without_the_library_says_how_to_get_it()
    {
        Assert.SkipWhen(DriverLibraries.Has("nccl"), "this machine has NCCL");
        Assert.StartsWith("libnccl.so.2 was not found; install NCCL", Assert.Throws<NcclException>(NcclSum.NewId).Message, StringComparison.Ordinal);
    }

    private static void SkipWithoutLibrary() => Assert.SkipUnless(DriverLibraries.Has("nccl"), "this machine has no NCCL");
}
