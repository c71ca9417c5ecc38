namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class MatVecTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Rows: each count that is compiled for, and those between. Inner: below an octet; 1036: octets of f32 and a tail, none of 16 bits; 1096:
    // octets past a batch; 2064: three panels of eight rows; 4104: four slices in turn. Outer: odd, below and past a group's pairs.
    private static readonly MatMulShape[] Shapes =
    [
        new(Rows: 1, Inner: 3, Outer: 1),
        new(Rows: 1, Inner: 4104, Outer: 7, Alpha: 0.5f),
        new(Rows: 2, Inner: 1036, Outer: 5, Accumulate: true),
        new(Rows: 3, Inner: 1096, Outer: 33),
        new(Rows: 6, Inner: 2064, Outer: 3, Alpha: -2, Accumulate: true),
        new(Rows: 8, Inner: 40, Outer: 18),
        new(Rows: 9, Inner: 72, Outer: 4),
    ];

    // For the card only: the shapes of real layers in small, where groups take several pairs in turn and panels are staged again and again.
    private static readonly MatMulShape[] LargeShapes =
    [
        new(Rows: 1, Inner: 1024, Outer: 20001),
        new(Rows: 1, Inner: 1000, Outer: 300, Alpha: 2),
        new(Rows: 1, Inner: 12296, Outer: 3000),
        new(Rows: 2, Inner: 6144, Outer: 2560, Accumulate: true),
        new(Rows: 4, Inner: 2560, Outer: 5000),
        new(Rows: 8, Inner: 2048, Outer: 6145),
        new(Rows: 7, Inner: 1000, Outer: 4097),
    ];

    public static TheoryData<WarpDevice, ElementType, int, bool> Cases()
    {
        var cases = new TheoryData<WarpDevice, ElementType, int, bool>();
        foreach (var device in Enum.GetValues<WarpDevice>())
        foreach (var type in Enum.GetValues<ElementType>())
        for (var shape = 0; shape < Shapes.Length; shape++)
        {
            // Simulated warps take a second a shape: each shape there with one type, all types on the card.
            if (device == WarpDevice.Card || (shape + 1) % 3 == (int)type) cases.Add(device, type, shape, shape % 2 == 1);
        }
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(WarpDevice where, ElementType type, int shapeIndex, bool withBias) =>
        Verify(warps.OpenOrSkip(where, devices), type, Shapes[shapeIndex], withBias);

    [Theory, InlineData(ElementType.F32), InlineData(ElementType.F16), InlineData(ElementType.Bf16)]
    public void Equals_the_double_reference_when_groups_take_turns(ElementType type)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        foreach (var shape in LargeShapes) Verify(device, type, shape, withBias: false);
    }

    // x starts one float behind a multiple of 16 bytes.
    [Theory, InlineData(WarpDevice.Card), InlineData(WarpDevice.Simulated)]
    public void Reads_x_at_any_address(WarpDevice where)
    {
        var device = warps.OpenOrSkip(where, devices);
        var shape = new MatMulShape(Rows: 2, Inner: 264, Outer: 3);
        var x = RandomData.Uniform(seed: 1, (shape.Rows * shape.Inner) + 1);
        using var xs = device.Copy(x);
        using var weight = device.Store(ElementType.F32, shape.Outer, shape.Inner, RandomData.Uniform(seed: 2, shape.Outer * shape.Inner));
        using var y = new Poisoned(device, shape.Rows * shape.Outer);
        var task = new MatMulTask(shape.Rows, shape.Inner, shape.Outer, Alpha: 1, Accumulate: 0, AddBias: 0);
        new MatMulCudaMatVec(device).Run(xs.View.BaseView.SubView(1, x.Length - 1), weight.Matrix, xs.View, y.View, task);
        device.Synchronize();
        var (expected, sizes) = MatMulReference.Run(x[1..], weight.Values, null, new float[shape.Rows * shape.Outer], shape);
        Near.Absolute(expected, y.Read(), [.. sizes.Select(size => (shape.Inner + 3) * Math.Pow(2, -24) * size)]);
    }

    [Fact]
    public void Shares_a_pair_among_warps_only_while_multiprocessors_would_idle()
    {
        var many = MatVecTask.Of(1, 2048, pairs: 3072, compiledRows: 1, true, true, multiprocessors: 132, epsilon: null);
        Assert.Equal((1, 384), (many.Slices, many.Groups));
        var few = MatVecTask.Of(1, 2048, pairs: 512, compiledRows: 1, true, true, multiprocessors: 132, epsilon: null);
        Assert.Equal((2, 128), (few.Slices, few.Groups)); // four slices would be less than a batch each
        Assert.Equal(256, few.PanelOctets);
        Assert.Equal(128, MatVecTask.Of(8, 2048, pairs: 512, compiledRows: 8, true, true, multiprocessors: 132, epsilon: null).PanelOctets);
    }

    [Theory, InlineData(2048, 6144, 3), InlineData(6144, 1024, 2), InlineData(2048, 512, 2), InlineData(9728, 1280, 3)]
    public void Two_groups_fit_where_a_product_is_cut_in_slices_and_three_elsewhere(int inner, int pairs, int groups) => Assert.Equal(
        groups,
        MatVecPlan.For(MatVecTask.Of(1, inner, pairs, compiledRows: 1, true, true, multiprocessors: 132, epsilon: null), ElementType.Bf16).Residency);

    private static void Verify(ComputeDevice device, ElementType type, MatMulShape shape, bool withBias)
    {
        using var problem = new MatMulProblem(device, type, shape, withBias);
        var task = new MatMulTask(shape.Rows, shape.Inner, shape.Outer, shape.Alpha, shape.Accumulate ? 1 : 0, withBias ? 1 : 0);
        new MatMulCudaMatVec(device).Run(problem.X.View, problem.Weight.Matrix, problem.Bias.View, problem.Y.View, task);
        device.Synchronize();
        problem.Verify();
    }
}
