namespace TaH.Tests;

/// <summary>
/// The products of a decode step, one behind the other in a graph, on the first card: no assertion but that it runs. Asked for by
/// <c>-class TaH.Tests.MatVecChainTimings -explicit on</c>.
/// </summary>
[Collection(DeviceCollection.Name)]
public class MatVecChainTimings(TestDevices devices)
{
    private const int Layers = 28;
    private const int Samples = 11;

    [Theory(Explicit = true)]
    [InlineData("1.7B", 2048, 6144, 2048)]
    [InlineData("0.6B", 1024, 3072, 2048)]
    public void Print(string name, int hidden, int ffn, int heads)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var random = new RandomWeights(device);
        var owned = new List<IDisposable>();
        WeightMatrix Weight(int rows, int columns)
        {
            var made = random.Make(rows, columns, 1f / columns, seed: (uint)owned.Count);
            owned.Add(made);
            return made;
        }
        var layers = Enumerable.Range(0, Layers).Select(_ => (
            Qkv: Weight(heads + 2048, hidden), Out: Weight(hidden, heads),
            Gate: Weight(ffn, hidden), Up: Weight(ffn, hidden), Down: Weight(hidden, ffn))).ToArray();
        using var x = device.Copy(RandomData.Uniform(1, 2 * hidden));
        using var gain = device.Copy(RandomData.Uniform(2, hidden));
        using var wide = device.Copy(RandomData.Uniform(3, 2 * 12288));
        using var mixed = device.Copy(RandomData.Uniform(4, 2 * 12288));
        foreach (var rows in (int[])[1, 2])
        foreach (var plan in (MatVecPlan[])[new(2, 2), new(2, 3), new(2, 4), new(2, 6), new(2, 12), new(3, 3), new(3, 4), new(3, 6)])
        {
            var projected = new MatVecLaunches<ProjectedRows>(device, plan);
            var gated = new MatVecLaunches<GatedRows>(device, plan);
            void Product(WeightMatrix weight, Floats from, Floats to, bool norm, bool add)
            {
                var task = new MatMulTask(rows, weight.Columns, weight.Rows, Alpha: 1, Accumulate: add ? 1 : 0, AddBias: 0);
                var pairs = ProjectedRows.Of(weight, to, to, task);
                projected.Run(from, norm ? new MatVecNorm(gain.View, 1e-6f) : null, weight.Type, pairs, pairs.Pairs, rows, weight.Columns);
            }
            void GateUp(WeightMatrix gate, WeightMatrix up)
            {
                var pairs = new GatedRows(gate.Address, up.Address, wide.View, gate.Rows);
                gated.Run(x.View, new MatVecNorm(gain.View, 1e-6f), gate.Type, pairs, gate.Rows, rows, hidden);
            }
            var parts = new (string Name, Action Run)[]
            {
                ("qkv", () => Each(layer => Product(layer.Qkv, x.View, wide.View, norm: true, add: false))),
                ("out", () => Each(layer => Product(layer.Out, mixed.View, x.View, norm: false, add: true))),
                ("gate up", () => Each(layer => GateUp(layer.Gate, layer.Up))),
                ("down", () => Each(layer => Product(layer.Down, wide.View, x.View, norm: false, add: true))),
                ("chain", () => Each(layer =>
                {
                    Product(layer.Qkv, x.View, mixed.View, norm: true, add: false);
                    Product(layer.Out, mixed.View, x.View, norm: false, add: true);
                    GateUp(layer.Gate, layer.Up);
                    Product(layer.Down, wide.View, x.View, norm: false, add: true);
                })),
            };
            void Each(Action<(WeightMatrix Qkv, WeightMatrix Out, WeightMatrix Gate, WeightMatrix Up, WeightMatrix Down)> run) =>
                Array.ForEach(layers, run);
            var times = parts.Select(part => $"{part.Name} {GraphTimer.Median(device, part.Run, Samples) / Layers:F2}");
            Console.WriteLine($"{name} rows {rows}, fit {plan.Residency}, run {plan.Groups}, us a layer: {string.Join(", ", times)}");
        }
        owned.ForEach(weight => weight.Dispose());
    }
}
