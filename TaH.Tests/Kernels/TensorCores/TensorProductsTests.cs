namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class TensorProductsTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Rows: 1; past a tile; several bands of eight tiles. Inner: less than a slice, a slice and a piece, more slices than a ring holds. Outer: one
    // instruction's columns, past each width of tile.
    private static readonly (int Rows, int Inner, int Outer)[] Shapes =
        [(1, 8, 8), (130, 72, 200), (257, 64, 264), (67, 1096, 520), (1100, 136, 72)];

    public static TheoryData<int, int, int> WgmmaCases()
    {
        var cases = new TheoryData<int, int, int>();
        foreach (var geometry in WgmmaGeometry.All)
        for (var shape = 0; shape < Shapes.Length; shape++)
            cases.Add(geometry.Columns, geometry.Parts, shape);
        return cases;
    }

    [Theory, MemberData(nameof(WgmmaCases))]
    public void Products_of_warpgroups_equal_the_double_reference(int columns, int parts, int shape)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        var products = new WgmmaProducts(device);
        var (rows, inner, outer) = Shapes[shape];
        var geometry = new WgmmaGeometry(columns, parts);
        VerifyAll(device, rows, inner, outer, (x, store, alpha, targets) => products.Launch(geometry, x, store, alpha, targets));
        if (!WgmmaGeometry.Gated.Contains(geometry)) return;
        using var problem = new TensorProblem(device, rows, inner, outer, outer);
        problem.RunBfloat16((store, alpha, targets) => products.Launch(geometry, problem.X, store, alpha, targets), alpha: 1, gated: true);
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Products_of_warps_equal_the_double_reference(int shape)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Ampere) Assert.Skip($"{device.Info.Name} is older than Ampere");
        var products = new MmaProducts(device);
        var (rows, inner, outer) = Shapes[shape];
        foreach (var wide in (bool[])[true, false])
            VerifyAll(device, rows, inner, outer, (x, store, alpha, targets) => products.Launch(wide, x, store, alpha, targets));
    }

    // The simulated card takes many seconds for a tile and slice: one launch of one.
    [Fact]
    public void Products_of_warps_equal_the_double_reference_on_simulated_warps()
    {
        var products = new MmaProducts(warps.Simulated);
        using var problem = new TensorProblem(warps.Simulated, rows: 5, inner: 24, 8);
        problem.RunSingles((store, alpha, targets) => products.Launch(false, problem.X, store, alpha, targets), alpha: 0.5f, add: true, bias: true);
    }

    [Fact]
    public void Chooses_the_tile_that_fills_the_card()
    {
        Assert.Equal(new(256), WgmmaGeometry.Choose(WgmmaGeometry.All, 2048, 2048, [2048], multiprocessors: 132));
        Assert.Equal(new(192), WgmmaGeometry.Choose(WgmmaGeometry.All, 512, 2048, [6144], multiprocessors: 132));
        Assert.Equal(new(64), WgmmaGeometry.Choose(WgmmaGeometry.All, 512, 2048, [2048], multiprocessors: 132));
        Assert.Equal(new(128, Parts: 2), WgmmaGeometry.Choose(WgmmaGeometry.All, 512, 6144, [2048], multiprocessors: 132));
        Assert.Equal(new(256), WgmmaGeometry.Choose(WgmmaGeometry.Gated, 2048, 2048, [12288], multiprocessors: 132));
        Assert.Equal(new(128), WgmmaGeometry.Choose(WgmmaGeometry.Gated, 512, 2048, [12288], multiprocessors: 132));
    }

    private static void VerifyAll(
        ComputeDevice device, int rows, int inner, int outer, Action<Bfloat16Rows, TensorStore, float, TensorTarget[]> launch)
    {
        using var one = new TensorProblem(device, rows, inner, outer);
        one.RunSingles((store, alpha, targets) => launch(one.X, store, alpha, targets), alpha: 1, add: false, bias: false);
        one.RunSingles((store, alpha, targets) => launch(one.X, store, alpha, targets), alpha: -0.5f, add: true, bias: true);
        one.RunBfloat16((store, alpha, targets) => launch(one.X, store, alpha, targets), alpha: 2, gated: false);
        using var three = new TensorProblem(device, rows, inner, outer, 8, outer + 16);
        three.RunSingles((store, alpha, targets) => launch(three.X, store, alpha, targets), alpha: 1, add: true, bias: false);
    }
}
