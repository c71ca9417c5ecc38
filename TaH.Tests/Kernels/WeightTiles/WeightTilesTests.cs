namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class WeightTilesTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Rows: below and above each count that is compiled for, from 65 on of one term, from 129 on in two tiles. Inner: less than 32, less than a
    // chunk, one chunk and a piece, an odd number of chunks, many. Outer: odd, and more and less than a tile of 64 or 128.
    private static readonly MatMulShape[] Shapes =
    [
        new(Rows: 9, Inner: 8, Outer: 1),
        new(Rows: 1, Inner: 264, Outer: 131, Alpha: 0.5f),
        new(Rows: 16, Inner: 128, Outer: 64, Accumulate: true),
        new(Rows: 17, Inner: 136, Outer: 33),
        new(Rows: 33, Inner: 1096, Outer: 515, Accumulate: true),
        new(Rows: 63, Inner: 384, Outer: 257, Alpha: -2, Accumulate: true),
        new(Rows: 64, Inner: 1024, Outer: 4096),
        new(Rows: 65, Inner: 3072, Outer: 1024, Accumulate: true),
        new(Rows: 128, Inner: 2048, Outer: 1024, Accumulate: true),
        new(Rows: 200, Inner: 1000, Outer: 777),
        new(Rows: 256, Inner: 512, Outer: 2050),
        new(Rows: 12, Inner: 1024, Outer: 40007),
        new(Rows: 100, Inner: 640, Outer: 20001),
    ];

    public static TheoryData<bool, int> CardCases()
    {
        var cases = new TheoryData<bool, int>();
        foreach (var warpgroups in (bool[])[false, true])
        for (var shape = 0; shape < Shapes.Length; shape++)
            cases.Add(warpgroups, shape);
        return cases;
    }

    [Theory, MemberData(nameof(CardCases))]
    public void Equals_the_double_reference(bool warpgroups, int shapeIndex)
    {
        var device = Card(warpgroups);
        using var problem = new TileProblem(device, Shapes[shapeIndex]);
        problem.Run(warpgroups, plan: null);
        problem.Verify();
    }

    [Theory, InlineData(false, 1), InlineData(false, 2), InlineData(false, 4), InlineData(false, 8)]
    [InlineData(true, 1), InlineData(true, 2), InlineData(true, 4), InlineData(true, 8)]
    public void Groups_that_share_columns_and_groups_that_take_turns_make_the_same_sums(bool warpgroups, int splits)
    {
        var device = Card(warpgroups);
        foreach (var threads in (int[])[128, 256])
        foreach (var rows in (int[])[9, 40, 128])
        {
            using var problem = new TileProblem(device, new MatMulShape(rows, Inner: 1096, Outer: 515));
            // Three groups for five or nine tiles, or a cluster for each.
            problem.Run(warpgroups, new WeightTilesPlan(threads, splits, Workers: splits == 1 ? 3 : threads == 128 ? 9 : 5));
            problem.Verify();
        }
    }

    // Simulated warps take seconds: one warp, the least that has two blocks, a half pair, a tail of columns, and tiles in turn or shared columns.
    [Theory, InlineData(9, 40, 5, false, 1), InlineData(17, 136, 19, true, 1), InlineData(9, 264, 13, true, 2)]
    public void Equals_the_double_reference_on_simulated_warps(int rows, int inner, int outer, bool accumulate, int splits)
    {
        using var problem = new TileProblem(warps.Simulated, new MatMulShape(rows, inner, outer, Alpha: 0.5f, accumulate));
        // Groups that share columns take one turn.
        problem.Run(warpgroups: false, new WeightTilesPlan(Threads: 32, splits, Workers: splits));
        problem.Verify();
    }

    [Fact]
    public void A_row_does_not_depend_on_the_rows_beside_it()
    {
        var device = Card(warpgroups: false);
        var product = new MatMul(device, MatMulVariant.CudaWeightTiles);
        using var all = new TileProblem(device, new MatMulShape(Rows: 64, Inner: 1024, Outer: 515));
        product.Run(all.X.View, all.Weight.Matrix, all.Y.View, all.Shape);
        device.Synchronize();
        var together = all.Y.Read();
        using var alone = new Poisoned(device, 9 * 515);
        product.Run(all.X.View.SubView(20 * 1024, 9 * 1024), all.Weight.Matrix, alone.View, all.Shape with { Rows = 9 });
        device.Synchronize();
        Assert.Equal(together[(20 * 515)..(29 * 515)], alone.Read());
        product.Dispose();
    }

    [Fact]
    public void Spreads_over_the_card()
    {
        static WeightTilesPlan Plan(int pairs, int inner, int tokens, bool clusters = true) =>
            WeightTilesPlan.Of(pairs, new PackedTokensTask(tokens, inner, tokens, 1, 0, 1), multiprocessors: 132, clusters);

        Assert.Equal(new WeightTilesPlan(256, Splits: 2, Workers: 32), Plan(2048, 1024, 128));
        Assert.Equal(new WeightTilesPlan(128, Splits: 4, Workers: 64), Plan(2048, 1024, 16));
        Assert.Equal(new WeightTilesPlan(256, Splits: 1, Workers: 132), Plan(75968, 1024, 64));
        Assert.Equal(new WeightTilesPlan(128, Splits: 1, Workers: 264), Plan(75968, 1024, 16));
        Assert.Equal(new WeightTilesPlan(256, Splits: 8, Workers: 8), Plan(512, 2048, 64));
        Assert.Equal(new WeightTilesPlan(256, Splits: 4, Workers: 8), Plan(512, 2048, 64, clusters: false));
        Assert.Equal(new WeightTilesPlan(128, Splits: 1, Workers: 1), Plan(4, 128, 16)); // one chunk has nothing to share
    }

    [Fact]
    public void Refuses_weights_that_it_does_not_take()
    {
        using var weight = warps.Simulated.Store(ElementType.F32, rows: 2, columns: 8, new float[16]);
        using FloatBuffer x = warps.Simulated.AllocateFloats(80), y = warps.Simulated.AllocateFloats(20);
        using var product = new MatMul(warps.Simulated, MatMulVariant.CudaWeightTiles);
        var failure = Assert.Throws<NotSupportedException>(
            () => product.Run(x.View, weight.Matrix, y.View, new MatMulShape(Rows: 10, Inner: 8, Outer: 2)));
        Assert.StartsWith("10 rows with a weight of 8 columns of F32", failure.Message, StringComparison.Ordinal);
    }

    private ComputeDevice Card(bool warpgroups)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (!WeightTilesChoice.Serves(device)) Assert.Skip("this card has no tensor cores for bfloat16");
        if (warpgroups && !WeightTilesChoice.Warpgroups(device)) Assert.Skip("this card has no products of warpgroups");
        return device;
    }
}
