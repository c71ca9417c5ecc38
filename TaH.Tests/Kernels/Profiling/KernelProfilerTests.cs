namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class KernelProfilerTests(TestDevices devices)
{
    private static readonly RmsNormShape Shape = new(Rows: 3, Hidden: 40, 1e-6f);

    public static TheoryData<DeviceKind> Kinds() => [.. Enum.GetValues<DeviceKind>()];

    [Theory, MemberData(nameof(Kinds))]
    public void Launches_are_recorded_in_order_with_what_they_did(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var norm = NormOf(device, kind);
        using FloatBuffer x = device.Copy(new float[120]), weight = device.Copy(new float[40]), y = device.Copy(new float[120]);
        void Run() => norm.Run(x.View, weight.View, y.View, Shape);
        Run();
        using var profiler = KernelProfiler.Attach(device);
        Run();
        profiler.Place = new KernelPlace(1, 2, "norm");
        Run();
        var runs = profiler.Take().Runs;
        Assert.Equal(2, runs.Count);
        Assert.All(runs, run => Assert.Equal((nameof(RmsNorm), Shape.Work), (run.Operation, run.Work)));
        Assert.All(runs, run => Assert.True(run.Seconds >= 0 && run.LaunchSeconds > 0 && run.LaunchStart > 0));
        Assert.Equal([KernelPlace.None, new KernelPlace(1, 2, "norm")], runs.Select(run => run.Place));
        Assert.True(runs[1].Start >= runs[0].End);
        Assert.Empty(profiler.Take().Runs);
    }

    [Fact]
    public void A_launch_inside_another_belongs_to_it()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var profiler = KernelProfiler.Attach(device);
        using (device.Profile("outer", "a", new KernelWork(10, 20)))
        using (device.Profile("inner", "b", new KernelWork(1, 2)))
        {
        }
        using (device.Profile("next", "c", default))
        {
        }
        Assert.Equal(["outer", "next"], profiler.Take().Runs.Select(run => run.Operation));
    }

    /// <summary>More launches than a clock has room for, and none is lost or out of order.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public void Any_number_of_launches_is_kept(DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        using var profiler = KernelProfiler.Attach(device);
        const int Count = (1 << 16) + 10;
        for (var i = 0; i < Count; i++)
        {
            using var _ = device.Profile("nothing", "a", new KernelWork(i, 0));
        }
        var runs = profiler.Take().Runs;
        Assert.Equal(Enumerable.Range(0, Count).Select(i => (long)i), runs.Select(run => run.Work.Bytes));
        Assert.All(runs.Zip(runs.Skip(1)), pair => Assert.True(pair.Second.Start >= pair.First.End));
    }

    [Fact]
    public void One_profiler_at_a_time()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var first = KernelProfiler.Attach(device);
        Assert.Throws<InvalidOperationException>(() => KernelProfiler.Attach(device));
        first.Dispose();
        using var second = KernelProfiler.Attach(device);
        first.Dispose(); // once more: the second stays
        Assert.Same(second, device.Profiler);
    }

    [Fact]
    public void Without_a_profiler_a_scope_allocates_nothing()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        var norm = NormOf(device, DeviceKind.Cpu);
        using FloatBuffer x = device.Copy(new float[120]), weight = device.Copy(new float[40]), y = device.Copy(new float[120]);
        void Run()
        {
            for (var i = 0; i < 100; i++) norm.Run(x.View, weight.View, y.View, Shape);
        }
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Sizes_are_as_many_as_there_are() =>
        Assert.Equal(["", "2 x 3", "2 x 3 x 4"], new KernelWork[] { default, new(0, 0, 2, 3), new(0, 0, 2, 3, 4) }.Select(work => work.Sizes));

    private static RmsNorm NormOf(ComputeDevice device, DeviceKind kind) =>
        new(device, kind == DeviceKind.Cpu ? RmsNormVariant.Simd : RmsNormVariant.Portable);
}
