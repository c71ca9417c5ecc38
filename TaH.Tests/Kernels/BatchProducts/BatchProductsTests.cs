namespace TaH.Tests;

/// <summary>What a product of a batch does not take is found before anything is launched, so that no card is needed.</summary>
[Collection(DeviceCollection.Name)]
public class BatchProductsTests(TestDevices devices)
{
    private const int Width = 64;
    private const int RowsOfBuffer = 130;

    [Theory, InlineData(-1), InlineData(0), InlineData(BatchProduct.MaxTokens + 1)]
    public void Counts_of_rows_are_checked(int count) => Throws<ArgumentOutOfRangeException>(from: 0, count, [Weight(8)]);

    [Fact]
    public void The_length_of_x_is_checked() => Throws<ShapeException>(from: 3, count: 128, [Weight(8)]);

    [Fact]
    public void The_width_of_every_weight_is_checked() => Throws<ShapeException>(from: 0, count: 9, [Weight(8), Weight(8, Width + 8)]);

    [Fact]
    public void What_tensor_cores_do_not_take_is_refused()
    {
        Throws<NotSupportedException>(from: 0, count: 9, [Weight(8, Width, ElementType.F32)]);
        Throws<NotSupportedException>(from: 0, count: 9, [Weight(12)]);
    }

    [Fact]
    public void Gated_weights_have_the_same_rows() => Throws<ShapeException>(from: 0, count: 9, [Weight(16), Weight(8)], BatchStore.Gate);

    [Fact]
    public void A_given_plan_has_slots_enough()
    {
        var plan = new BatchProductPlan(Blocks: 1, Splits: 1, WeightSlots: 1, TokenSlots: 1);
        Throws<ArgumentException>(from: 0, count: 9, [Weight(8, 2 * Width)], width: 2 * Width, plan: plan);
        Throws<ArgumentException>(from: 0, count: 9, [Weight(8)], plan: plan, updates: true);
    }

    [Fact]
    public void Updates_and_reduced_inputs_are_counted()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using WeightMatrix weight = Weight(24)(device), down = Weight(16)(device), up = Weight(24, 16)(device);
        using var x = device.Accelerator.Allocate1D<ushort>(RowsOfBuffer * Width);
        var rows = new Bfloat16Rows(x.View, Width, From: 0, Count: 10);
        Assert.Equal(
            new KernelWork(2 * ((10 * Width) + (24 * Width) + (24 * 16)) + (4 * 10 * 24), 2 * 24 * ((10 * Width) + (3 * 16)), 10, Width, 24),
            BatchProducts.Work(new BatchCall(rows, BatchStore.Replace) { Reduced = x.View, DeepFrom = 7 }, [new BatchTarget(weight, Y: 0, up)]));
        Assert.Equal(
            new KernelWork(2 * ((10 * Width) + (16 * Width) + (10 * 16)), 2 * 16 * 10 * Width, 10, Width, 16),
            BatchProducts.Work(new BatchCall(rows, BatchStore.Reduce) { DeepFrom = 7 }, [new BatchTarget(down, Y: 0)]));
    }

    private void Throws<TException>(
        int from, int count, Func<ComputeDevice, WeightMatrix>[] make, BatchStore store = BatchStore.Replace, int width = Width,
        BatchProductPlan? plan = null, bool updates = false) where TException : Exception
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var x = device.Accelerator.Allocate1D<ushort>(RowsOfBuffer * width);
        var products = new BatchProducts(device);
        WeightMatrix[] weights = [.. make.Select(weight => weight(device))];
        var call = new BatchCall(new Bfloat16Rows(x.View, width, from, count), store) { Reduced = updates ? x.View : null };
        Assert.Throws<TException>(() => products.Run(call, [.. weights.Select(weight => new BatchTarget(weight, Y: 0))], plan));
        foreach (var weight in weights) weight.Dispose();
    }

    private static Func<ComputeDevice, WeightMatrix> Weight(int rows, int columns = Width, ElementType type = ElementType.Bf16) =>
        device => WeightMatrix.Allocate(device, type, rows, columns);
}
