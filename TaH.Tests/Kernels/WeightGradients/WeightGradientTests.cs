using ILGPU;
using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class WeightGradientTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Rows: 1; about a slice; more slices than a ring holds, an odd count of them. Sizes: the least; about a tile, past each width of tile. Weights:
    // one to three. Buffers that end where the rows end, or far behind.
    private static readonly (int Rows, int Inner, int[] Outers, int RowsBehind)[] Shapes =
    [
        (1, 8, [8], 130), (63, 72, [256], 0), (65, 256, [72, 8, 200], 200), (1000, 576, [256], 100), (4097, 256, [576], 64),
        (130, 264, [136, 520], 0), (64, 200, [128], 1),
    ];

    public static TheoryData<int> Cases() => [.. Enumerable.Range(0, Shapes.Length)];

    [Theory, MemberData(nameof(Cases))]
    public void Gradients_of_warpgroups_equal_the_double_reference(int shape)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        using var products = new WgmmaGradients(device);
        Verify(device, products, WgmmaGradients.AllColumns, shape);
    }

    [Theory, MemberData(nameof(Cases))]
    public void Gradients_of_warps_equal_the_double_reference(int shape)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Ampere) Assert.Skip($"{device.Info.Name} is older than Ampere");
        using var products = new MmaGradients(device);
        Verify(device, products, MmaGradients.AllColumns, shape);
    }

    // The simulated card takes many seconds for a tile and slice: one of one.
    [Fact]
    public void Gradients_of_warps_equal_the_double_reference_on_simulated_warps()
    {
        using var products = new MmaGradients(warps.Simulated);
        using var problem = new WeightGradientProblem(warps.Simulated, rows: 5, inner: 24, alpha: 0.5f, rowsBehind: 0, 8);
        problem.VerifyOnce(products, new WeightGradientPlan(64, Parts: 1));
    }

    // Parts: fewer than the four threads of a quad, some for each, more than are on their way at a time.
    [Theory, InlineData(2), InlineData(5), InlineData(39)]
    public void Parts_are_added_in_order(int parts)
    {
        const int Inner = 8;
        var outers = new[] { 8, 24, 16 };
        var device = warps.Simulated;
        var length = outers.Sum() * Inner;
        float[] partials = RandomData.Uniform(1, parts * length), before = RandomData.Uniform(2, length);
        using var partialsThere = device.Copy(partials);
        using var gradients = device.Copy(before); // one behind the other
        var weights = new GradientRows[outers.Length];
        for (int i = 0, outer = 0; i < outers.Length; outer += outers[i++])
            weights[i] = new GradientRows(0, 0, (ulong)gradients.NativePtr + (ulong)(outer * Inner * sizeof(float)), outers[i], 0, outer);
        var task = new WeightGradientTask(
            0, 0, 64 * parts, Inner, 1, 1, 1, parts, (ulong)partialsThere.NativePtr, weights[0], weights[1], weights[2]);
        PtxLoader.Load(device, WeightGradientParts.Method, new KernelSpecialization(WeightGradientParts.GroupSize, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, WeightGradientTask>>()(
                device.Accelerator.DefaultStream, (WeightGradientParts.Groups(length), WeightGradientParts.GroupSize), task);
        device.Synchronize();
        var expected = before.Select((value, at) => value + Enumerable.Range(0, parts).Sum(part => (double)partials[(part * length) + at])).ToArray();
        Near.Absolute(expected, gradients.GetAsArray1D(), (parts + 1) * (parts + 1) * Math.Pow(2, -24)); // a rounding of at most so much each
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        var device = warps.Simulated;
        using var products = new MmaGradients(device);
        using var halves = device.Accelerator.Allocate1D<ushort>(96);
        using var gradient = device.AllocateFloats(63);
        Bfloat16Rows Rows(int width, int count) => new(halves.View, width, 0, count);
        Assert.Throws<ShapeException>(() => products.Run(Rows(12, 4), Rows(8, 4), 1, gradient.View)); // no multiple of 8
        Assert.Throws<ShapeException>(() => products.Run(Rows(8, 4), Rows(8, 5), 1, gradient.View));  // other rows
        Assert.Throws<ShapeException>(() => products.Run(Rows(8, 13), Rows(8, 13), 1, gradient.View)); // past the buffer
        Assert.Throws<ShapeException>(() => products.Run(Rows(8, 4), Rows(8, 4), 1, gradient.View));  // one element short
        Assert.Throws<ArgumentException>(() => products.Run(Rows(8, 4), 1));                          // no weight
    }

    // Whole sums where tiles are enough; else no more parts than multiprocessors have tiles for, and none without a slice.
    [Theory, InlineData(1), InlineData(65), InlineData(1000), InlineData(4096), InlineData(60_000)]
    public void Shares_sums_out_where_multiprocessors_are_left(int rows)
    {
        foreach (var outer in (int[])[8, 72, 256, 1024, 3072, 151_936])
        foreach (var inner in (int[])[8, 256, 1024, 3072])
        {
            var plan = WeightGradientPlan.Choose(WgmmaGradients.AllColumns, [outer], inner, rows, multiprocessors: 132);
            var tiles = (outer + 127) / 128 * ((inner + plan.Columns - 1) / plan.Columns);
            Assert.True(plan.Parts >= 1 && plan.Parts <= (rows + 63) / 64, $"{outer} x {inner}: {plan}");
            Assert.True(plan.Parts == 1 || plan.Parts * tiles <= 132, $"{outer} x {inner}: {plan}");
        }
        Assert.Equal(new(256, 1), WeightGradientPlan.Choose(WgmmaGradients.AllColumns, [151_936], 1024, rows, multiprocessors: 132));
    }

    private static void Verify(ComputeDevice device, WeightGradientProducts products, int[] allColumns, int shape)
    {
        var (rows, inner, outers, behind) = Shapes[shape];
        using var problem = new WeightGradientProblem(device, rows, inner, alpha: -0.5f, behind, outers);
        foreach (var columns in allColumns)
        foreach (var parts in (int[])[1, 2, 3, 11])
            if (parts <= (rows + 63) / 64)
                problem.Verify(products, new WeightGradientPlan(columns, parts));
        problem.Verify(
            products, WeightGradientPlan.Choose(allColumns, outers, inner, rows, device.Accelerator.NumMultiprocessors));
    }
}
