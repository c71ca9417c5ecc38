namespace TaH.Tests;

/// <summary>Products of a batch on Hopper, against double precision.</summary>
[Collection(DeviceCollection.Name)]
public class BatchProductTests(TestDevices devices)
{
    // Rows: below and above each count that is compiled for. Inner: less than a slice, slices and a piece, more slices than slots. Outer: eight, and
    // pieces of a tile of 64, 128 and 192.
    private static readonly (int Rows, int Inner, int Outer)[] Shapes =
        [(9, 8, 8), (17, 264, 136), (33, 1096, 520), (64, 1024, 2048), (65, 3072, 1024), (128, 640, 1000)];

    public static TheoryData<int, int, int> Cases()
    {
        var cases = new TheoryData<int, int, int>();
        foreach (var blocks in (int[])[1, 2, 3])
        foreach (var splits in (int[])[1, 2, 4, 8])
        for (var shape = 0; shape < Shapes.Length; shape++)
            cases.Add(blocks, splits, shape);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(int blocks, int splits, int shape)
    {
        var device = Card();
        var (rows, inner, outer) = Shapes[shape];
        Verify(device, rows, inner, outer, new BatchProductPlan(blocks, splits, WeightSlots: 3, TokenSlots: 2));
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void Equals_the_double_reference_as_it_is_spread(int shape)
    {
        var (rows, inner, outer) = Shapes[shape];
        Verify(Card(), rows, inner, outer, plan: null);
    }

    private static void Verify(ComputeDevice device, int rows, int inner, int outer, BatchProductPlan? plan)
    {
        var products = new BatchProducts(device);
        void Run(TensorProblem problem, TensorStore store, TensorTarget[] targets)
        {
            var become = store switch { TensorStore.Add => BatchStore.Add, TensorStore.Gated => BatchStore.Gate, _ => BatchStore.Replace };
            products.Run(new BatchCall(problem.X, become), [.. targets.Select(target => new BatchTarget(target.Weight, target.Y))], plan);
        }
        using (var problem = new TensorProblem(device, rows, inner, outer, 8, outer + 64))
            problem.RunSingles((store, _, targets) => Run(problem, store, targets), alpha: 1, add: false, bias: false);
        using (var problem = new TensorProblem(device, rows, inner, outer))
            problem.RunSingles((store, _, targets) => Run(problem, store, targets), alpha: 1, add: true, bias: false);
        using (var problem = new TensorProblem(device, rows, inner, outer, outer))
            problem.RunBfloat16((store, _, targets) => Run(problem, store, targets), alpha: 1, gated: true);
    }

    private ComputeDevice Card()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        return device;
    }
}
