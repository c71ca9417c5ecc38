using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>
/// The products of a batch's decode step, one behind the other in a graph, on the first card: no assertion but that it runs. Asked for by
/// <c>-class TaH.Tests.BatchProductTimings -explicit only</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class BatchProductTimings(TestDevices devices)
{
    private const int Layers = 28;
    private const int Samples = 11;

    // Blocks, splits, slots of weights and of tokens, of each product; null for what suits it, which the others are compared with.
    private static readonly BatchProductPlan?[] Qkv =
        [null, new(1, 2, 7, 4), new(1, 2, 6, 5), new(1, 2, 5, 4), new(1, 2, 4, 4), new(1, 2, 4, 3), new(1, 2, 3, 3)];

    private static readonly BatchProductPlan?[] Out = [null, new(1, 8, 4, 3), new(1, 4, 4, 3), new(1, 4, 3, 3)];

    private static readonly BatchProductPlan?[] GateUp =
        [null, new(1, 1, 7, 6), new(1, 1, 6, 6), new(1, 1, 6, 5), new(1, 1, 5, 5), new(1, 1, 4, 4), new(1, 2, 4, 4), new(1, 2, 3, 3)];

    private static readonly BatchProductPlan?[] Down = [null, new(1, 8, 6, 4), new(1, 8, 5, 4), new(1, 8, 3, 2), new(1, 4, 3, 3)];

    private static readonly BatchProductPlan[] Head =
        [new(1, 1, 4, 4), new(1, 1, 5, 4), new(1, 1, 4, 3), new(1, 1, 3, 3), new(2, 1, 3, 3), new(2, 1, 4, 4)];

    [Theory(Explicit = true), InlineData(64), InlineData(128)]
    public void PrintHead(int rows)
    {
        const int Hidden = 1024, Vocab = 151_936, Launches = 4;
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var products = new BatchProducts(device);
        using var input = new BatchInput(device, Hidden);
        using var head = new RandomWeights(device).Make(Vocab, Hidden, 1f / Hidden, seed: 1);
        using var logits = new LogitsState(device, rows, Vocab, topK: 64);
        using var slots = device.Copy([.. Enumerable.Range(0, rows).Select(BitConverter.Int32BitsToSingle)]);
        using var depths = device.Copy(new float[rows]);
        ulong Address<T>(ILGPU.ArrayView<T> view) where T : unmanaged => (ulong)view.LoadEffectiveAddressAsPtr();
        var target = new BatchLogits((ulong)depths.NativePtr, (ulong)slots.NativePtr, Address(logits.Accumulated), Address(logits.BucketMaxima));
        foreach (var plan in Head)
        {
            if (plan.MemoryBytes(rows) > BatchProducts.MostSharedBytes) continue;
            var time = GraphTimer.Median(device, () =>
            {
                for (var i = 0; i < Launches; i++)
                {
                    products.Run(
                        new BatchCall(new Bfloat16Rows(input.X, Hidden, 0, rows), BatchStore.Logits)
                        {
                            Squares = input.Squares, Epsilon = 1e-6f, Logits = target,
                        },
                        [new(head, 0)], plan);
                }
            }, Samples) / Launches;
            Console.WriteLine(FormattableString.Invariant(
                $"{rows} rows | head    | {plan.Blocks} blocks {plan.Splits} splits {plan.WeightSlots}+{plan.TokenSlots} slots | {time:f2}"));
        }
    }

    [Theory(Explicit = true), InlineData(64), InlineData(128)]
    public void Print(int rows)
    {
        const int Hidden = 1024, Ffn = 3072, Heads = 2048;
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var random = new RandomWeights(device);
        var products = new BatchProducts(device);
        using var input = new BatchInput(device, Hidden);
        var owned = new List<IDisposable>();
        WeightMatrix Weight(int outer, int inner)
        {
            var made = random.Make(outer, inner, 1f / inner, seed: (uint)owned.Count);
            owned.Add(made);
            return made;
        }
        var layers = Enumerable.Range(0, Layers).Select(_ => (
            Query: Weight(Heads, Hidden), Key: Weight(1024, Hidden), Value: Weight(1024, Hidden), Out: Weight(Hidden, Heads),
            Gate: Weight(Ffn, Hidden), Up: Weight(Ffn, Hidden), Down: Weight(Hidden, Ffn))).ToArray();
        using var gain = device.Copy(RandomData.Uniform(1, Hidden));
        using var x = device.Copy(RandomData.Uniform(2, rows * Hidden));
        using var y = device.Copy(new float[3 * rows * 2048]);
        using var wide = device.Accelerator.Allocate1D<ushort>(rows * Ffn);
        wide.MemSetToZero();
        ulong At(int rowsBefore) => (ulong)y.NativePtr + ((ulong)rowsBefore * (ulong)rows * sizeof(float));
        var (normed, address) = (new Bfloat16Rows(input.X, Hidden, 0, rows), (ulong)x.NativePtr);
        void RunQkv(BatchProductPlan? plan) => Array.ForEach(layers, layer => Multiply(layer, plan));
        void Multiply((WeightMatrix Query, WeightMatrix Key, WeightMatrix Value, WeightMatrix, WeightMatrix, WeightMatrix, WeightMatrix) layer,
            BatchProductPlan? plan) => products.Run(
                new BatchCall(normed, BatchStore.Replace) { Squares = input.Squares, Epsilon = 1e-6f },
                [new(layer.Query, At(0)), new(layer.Key, At(2048)), new(layer.Value, At(3072))], plan);
        void Add(WeightMatrix weight, BatchProductPlan? plan) => products.Run(
            new BatchCall(new Bfloat16Rows(wide.View, weight.Columns, 0, rows), BatchStore.Add) { Next = input.For(x.View, gain) },
            [new(weight, address)], plan);
        void Gate(WeightMatrix gate, WeightMatrix up, BatchProductPlan? plan) => products.Run(
            new BatchCall(normed, BatchStore.Gate) { Squares = input.Squares, Epsilon = 1e-6f },
            [new(gate, (ulong)wide.NativePtr), new(up, (ulong)wide.NativePtr)], plan);
        double Time(Action launches) => GraphTimer.Median(device, launches, Samples) / Layers;
        double Chain(BatchProductPlan? qkv, BatchProductPlan? output, BatchProductPlan? gateUp, BatchProductPlan? down) => Time(() =>
        {
            foreach (var layer in layers)
            {
                Multiply(layer, qkv);
                Add(layer.Out, output);
                Gate(layer.Gate, layer.Up, gateUp);
                Add(layer.Down, down);
            }
        });
        void Row(string name, BatchProductPlan? plan, double alone, double chain)
        {
            var text = plan is { } given
                ? $"{given.Blocks} blocks {given.Splits} splits {given.WeightSlots}+{given.TokenSlots} slots" : "as it is spread";
            Console.WriteLine(FormattableString.Invariant($"{rows} rows | {name,-7} | {text} | {alone:f2} | chain {chain:f2}"));
        }
        foreach (var plan in Qkv) Row("q k v", plan, Time(() => RunQkv(plan)), Chain(plan, null, null, null));
        foreach (var plan in Out)
            Row("out", plan, Time(() => Array.ForEach(layers, layer => Add(layer.Out, plan))), Chain(null, plan, null, null));
        foreach (var plan in GateUp)
            Row("gate up", plan, Time(() => Array.ForEach(layers, layer => Gate(layer.Gate, layer.Up, plan))), Chain(null, null, plan, null));
        foreach (var plan in Down)
            Row("down", plan, Time(() => Array.ForEach(layers, layer => Add(layer.Down, plan))), Chain(null, null, null, plan));
        owned.ForEach(weight => weight.Dispose());
    }
}
