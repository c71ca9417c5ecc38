namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class MatMulTests(TestDevices devices)
{
    // Rows: 1 to 5 pass every block of rows, 7 and 10 the limit of streaming; 35: two tiles of a GPU; 131: transposed panels. Inner: 1; 33: tails;
    // 64: whole words; 72: words, but no whole vectors; 1027: a second panel, and no words. Outer: 1, and more and less than blocks of 4, groups and
    // tiles.
    private static readonly MatMulShape[] Shapes =
    [
        new(Rows: 1, Inner: 1, Outer: 1),
        new(Rows: 1, Inner: 64, Outer: 67, Alpha: 0.5f),
        new(Rows: 1, Inner: 1027, Outer: 5, Accumulate: true),
        new(Rows: 2, Inner: 72, Outer: 19, Alpha: -2, Accumulate: true),
        new(Rows: 3, Inner: 33, Outer: 6),
        new(Rows: 4, Inner: 128, Outer: 7),
        new(Rows: 5, Inner: 72, Outer: 66, Alpha: 0.5f, Accumulate: true),
        new(Rows: 7, Inner: 33, Outer: 5),
        new(Rows: 10, Inner: 1027, Outer: 9, Accumulate: true),
        new(Rows: 35, Inner: 40, Outer: 70),
        new(Rows: 131, Inner: 34, Outer: 35, Alpha: 0.5f, Accumulate: true),
    ];

    // Transposed panels, whole and in part, of one slice and of two; rests of one row and of five.
    private static readonly MatMulShape[] PanelShapes =
    [
        new(Rows: 133, Inner: 64, Outer: 64),
        new(Rows: 131, Inner: 1027, Outer: 35, Alpha: -2, Accumulate: true),
    ];

    public static TheoryData<MatMulVariant, DeviceKind, ElementType, int, bool> Cases()
    {
        var cases = new TheoryData<MatMulVariant, DeviceKind, ElementType, int, bool>();
        foreach (var (variant, kind) in KernelCases.Of<MatMulVariant>()
            .Where(of => of.Variant is not (MatMulVariant.CudaMma or MatMulVariant.CudaWgmma or MatMulVariant.CudaWeightTiles)))
        foreach (var type in Enum.GetValues<ElementType>())
        for (var shape = 0; shape < Shapes.Length; shape++)
            cases.Add(variant, kind, type, shape, shape % 2 == 1);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(MatMulVariant variant, DeviceKind kind, ElementType type, int shapeIndex, bool withBias)
    {
        var device = devices.OpenOrSkip(kind);
        using var problem = new MatMulProblem(device, type, Shapes[shapeIndex], withBias);
        var product = new MatMul(device, variant);
        if (withBias) product.Run(problem.X.View, problem.Weight.Matrix, problem.Bias.View, problem.Y.View, problem.Shape);
        else product.Run(problem.X.View, problem.Weight.Matrix, problem.Y.View, problem.Shape);
        device.Synchronize();
        problem.Verify();
    }

    // One machine has one vector width; the others run here in software.
    [Theory, InlineData(128), InlineData(256), InlineData(512)]
    public void Every_vector_width_equals_the_double_reference(int bits)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        foreach (var type in Enum.GetValues<ElementType>())
        foreach (var shape in (MatMulShape[])[.. Shapes, .. PanelShapes])
        {
            using var problem = new MatMulProblem(device, type, shape, withBias: true);
            problem.RunWithVectorsOf(bits, device.Workers!);
            problem.Verify();
        }
    }

    [Theory, InlineData(MatMulVariant.PortableRowPerGroup), InlineData(MatMulVariant.PortableRowPerThread)]
    [InlineData(MatMulVariant.PortableTiled), InlineData(MatMulVariant.Simd)]
    public void A_sum_over_nothing_is_zero_and_no_rows_are_no_work(MatMulVariant variant)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var weight = device.Store(ElementType.F32, rows: 3, columns: 0, []);
        using var x = device.Copy([1f]);
        using var y = new Poisoned(device, 18);
        new MatMul(device, variant).Run(x.View, weight.Matrix, y.View, new MatMulShape(Rows: 0, Inner: 0, Outer: 3));
        Assert.All(y.Read(), value => Assert.True(float.IsNaN(value)));
        new MatMul(device, variant).Run(x.View, weight.Matrix, y.View, new MatMulShape(Rows: 6, Inner: 0, Outer: 3));
        Assert.All(y.Read(), value => Assert.Equal(0f, value));
    }

    [Fact]
    public void Refuses_sizes_that_do_not_fit()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var weight = device.Store(ElementType.F32, rows: 3, columns: 4, new float[12]);
        using FloatBuffer x = device.AllocateFloats(8), bias = device.AllocateFloats(2), y = device.AllocateFloats(6);
        var product = new MatMul(device, MatMulVariant.Simd);
        Refuses("weight rows has 3", () => product.Run(x.View, weight.Matrix, y.View, new MatMulShape(Rows: 2, Inner: 4, Outer: 2)));
        Refuses("weight columns has 4", () => product.Run(x.View, weight.Matrix, y.View, new MatMulShape(Rows: 2, Inner: 3, Outer: 3)));
        Refuses("x has 8", () => product.Run(x.View, weight.Matrix, y.View, new MatMulShape(Rows: 3, Inner: 4, Outer: 3)));
        Refuses("y has 5", () => product.Run(x.View, weight.Matrix, y.View.SubView(0, 5), new MatMulShape(Rows: 2, Inner: 4, Outer: 3)));
        Refuses("bias has 2", () => product.Run(x.View, weight.Matrix, bias.View, y.View, new MatMulShape(Rows: 2, Inner: 4, Outer: 3)));
    }

    [Theory, InlineData(DeviceKind.Cpu), InlineData(DeviceKind.OpenCl), InlineData(DeviceKind.Cuda)]
    public void The_choice_runs_on_its_device(DeviceKind kind) => VerifyChoices(devices.OpenOrSkip(kind));

    [Theory, InlineData(CudaGeneration.None), InlineData(CudaGeneration.Turing), InlineData(CudaGeneration.Ampere), InlineData(CudaGeneration.Hopper)]
    public void The_choice_of_each_generation_runs(CudaGeneration generation) => VerifyChoices(devices.OpenOrSkip(generation));

    private static void VerifyChoices(ComputeDevice device)
    {
        foreach (var rows in (int[])[1, 8, 9, 500])
        foreach (var outer in (int[])[19, 24])
        {
            var shape = new MatMulShape(rows, Inner: 72, outer);
            using var problem = new MatMulProblem(device, ElementType.Bf16, shape, withBias: false, xOfBfloat16: true);
            using var product = new MatMul(device, MatMul.Choose(device, rows, problem.Weight.Matrix));
            product.Run(problem.X.View, problem.Weight.Matrix, problem.Y.View, problem.Shape);
            device.Synchronize();
            problem.Verify();
        }
    }

    [Theory, InlineData(MatMulVariant.CudaMma, CudaGeneration.Ampere), InlineData(MatMulVariant.CudaWgmma, CudaGeneration.Hopper)]
    public void Tensor_cores_equal_the_double_reference(MatMulVariant variant, CudaGeneration least)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < least) Assert.Skip($"{device.Info.Name} is older than {least}");
        using var product = new MatMul(device, variant);
        // In growing and shrinking sizes, because x goes through a buffer that grows.
        foreach (var shape in (MatMulShape[])[new(9, 72, 24, Alpha: 0.5f), new(300, 40, 520), new(17, 1024, 8, Accumulate: true)])
        {
            using var problem = new MatMulProblem(device, ElementType.Bf16, shape, withBias: true, xOfBfloat16: true);
            product.Run(problem.X.View, problem.Weight.Matrix, problem.Bias.View, problem.Y.View, shape);
            device.Synchronize();
            problem.Verify();
        }
    }

    [Fact]
    public void Chooses_tensor_cores_where_card_weight_and_rows_suit()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        using WeightMatrix whole = WeightMatrix.Allocate(device, ElementType.Bf16, 16, 16),
            odd = WeightMatrix.Allocate(device, ElementType.Bf16, 15, 16),
            single = WeightMatrix.Allocate(device, ElementType.F32, 16, 16);
        Assert.Equal(MatMulVariant.CudaWgmma, MatMul.Choose(device, 500, whole));
        Assert.Equal(MatMulVariant.CudaMatVec, MatMul.Choose(device, 1, whole));
        Assert.Equal(MatMulVariant.PortableTiled, MatMul.Choose(device, 500, odd));
        Assert.Equal(MatMulVariant.PortableTiled, MatMul.Choose(device, 500, single));
        using var deciders = WeightMatrix.Allocate(device, ElementType.F32, 512, 2048);
        Assert.Equal(MatMulVariant.CudaMatVec, MatMul.Choose(device, 64, deciders));
        device.Generation = CudaGeneration.Ampere;
        var older = MatMul.Choose(device, 500, whole);
        device.Generation = CudaGeneration.Hopper;
        Assert.Equal(MatMulVariant.CudaMma, older);
    }

    // A decider's products: few tiles of long sums. Not: enough tiles for the card, and sums that are over sooner than the launches.
    [Theory, InlineData(64, 512, 10_240, true), InlineData(64, 2048, 512, true), InlineData(256, 512, 2048, true)]
    [InlineData(64, 151_936, 2048, false), InlineData(256, 2048, 512, false), InlineData(500, 16, 16, false)]
    public void Takes_rows_by_eight_where_tiles_would_leave_the_card_idle(int rows, int outer, int inner, bool expected) =>
        Assert.Equal(expected, MatMul.LeavesCardIdle(rows, outer, inner, multiprocessors: 132));

    private static void Refuses(string start, Action run) =>
        Assert.StartsWith(start, Assert.Throws<ShapeException>(run).Message, StringComparison.Ordinal);
}
