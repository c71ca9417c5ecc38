using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>What CUDA fuses is what the composed operations compute.</summary>
[Collection(DeviceCollection.Name)]
public class CudaOperationsTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int MaxRows = 12;

    // The parity models' kind of shape: nothing equals anything else, so that no two sizes can be taken for each other.
    private static readonly ModelShape Shape = new(
        Layers: 1, Hidden: 24, Ffn: 10, Heads: 3, KvHeads: 1, HeadDim: 4, Vocab: 30, Depths: 2, LoraRank: 2, Epsilon: 1e-6f, RopeTheta: 1e6);

    // Shallow rows alone are fused; with deep rows LoRA keeps the steps apart; more than eight rows are another product.
    [Theory, InlineData(WarpDevice.Card, 3, 0), InlineData(WarpDevice.Card, 8, 0), InlineData(WarpDevice.Card, 2, 2)]
    [InlineData(WarpDevice.Card, 12, 0)]
    [InlineData(WarpDevice.Simulated, 3, 0), InlineData(WarpDevice.Simulated, 2, 2), InlineData(WarpDevice.Simulated, 12, 0)]
    public void Equal_the_composed_operations(WarpDevice where, int shallow, int deep)
    {
        var device = warps.OpenOrSkip(where, devices);
        using var composed = new ComposedOperations(device, Shape, MaxRows, maxSampled: 1);
        using var fused = new CudaOperations(device, Shape, MaxRows, maxSampled: 1);
        using var layer = new RandomLayer(device, Shape);
        using var rows = new RowTable(device, MaxRows, Shape.Depths);
        Row[] table = [.. Enumerable.Range(0, shallow + deep).Select(i => new Row(0, i, i < shallow ? 0 : 1, 0, i, i, WantsLogits: false))];
        rows.Upload(table, new int[table.Length * Shape.Depths]);
        using var x = device.Copy(RandomData.Uniform(seed: 1, table.Length * Shape.Hidden));
        var expected = Run(composed, device, x, layer.Weights, rows);
        var actual = Run(fused, device, x, layer.Weights, rows);
        // Every element is a sum of 24 terms of either sign, of which each way rounds about 24 + 24 / 2 times; or the same kernels run.
        var bound = rows.DeepCount > 0 || rows.Count > 8 ? 0 : 36 * Math.Pow(2, -24) * 10;
        for (var i = 0; i < expected.Length; i++) Near.RelativeL2(expected[i], actual[i], bound, $"output {i}");
    }

    private static float[][] Run(IOperations operations, ComputeDevice device, FloatBuffer x, LayerWeights layer, RowTable rows)
    {
        int[] widths = [Shape.Heads * Shape.HeadDim, Shape.KvHeads * Shape.HeadDim, Shape.KvHeads * Shape.HeadDim];
        Poisoned[] outputs = [.. widths.Select(width => new Poisoned(device, rows.Count * width))];
        operations.NormProjectQkv(x.View, layer, rows, new QkvBuffers(outputs[0].View, outputs[1].View, outputs[2].View));
        using var activated = new Activations(device, rows.Count, Shape.Ffn, ElementType.Bf16);
        activated.FillSingles().CopyFromCPU(Enumerable.Repeat(float.NaN, rows.Count * Shape.Ffn).ToArray());
        operations.NormGateUp(x.View, layer, rows, activated);
        device.Synchronize();
        var last = new float[rows.Count * Shape.Ffn];
        device.Download(activated.Singles, last);
        float[][] values = [.. outputs.Select(output => output.Read()), last];
        foreach (var output in outputs) output.Dispose();
        return values;
    }

    /// <summary>A layer of random weights, with LoRA on every projection.</summary>
    private sealed class RandomLayer : IDisposable
    {
        private readonly ComputeDevice _device;
        private readonly List<IDisposable> _owned = [];
        private int _seed = 100;

        public RandomLayer(ComputeDevice device, ModelShape shape)
        {
            _device = device;
            int hidden = shape.Hidden, query = shape.Heads * shape.HeadDim, key = shape.KvHeads * shape.HeadDim;
            Weights = new LayerWeights(
                Norm(hidden), Project(query, hidden), Project(key, hidden), Project(key, hidden), Norm(shape.HeadDim), Norm(shape.HeadDim),
                Project(hidden, query), Norm(hidden), Project(shape.Ffn, hidden), Project(shape.Ffn, hidden), Project(hidden, shape.Ffn));
        }

        public LayerWeights Weights { get; }

        public void Dispose()
        {
            foreach (var owned in _owned) owned.Dispose();
        }

        private FloatBuffer Norm(int length)
        {
            var buffer = _device.Copy(RandomData.Uniform(_seed++, length));
            _owned.Add(buffer);
            return buffer;
        }

        private Projection Project(int outputs, int inputs) =>
            new(Matrix(outputs, inputs), new LoraPair(Matrix(Shape.LoraRank, inputs), Matrix(outputs, Shape.LoraRank), Scale: 2));

        private WeightMatrix Matrix(int rows, int columns)
        {
            var stored = _device.Store(ElementType.Bf16, rows, columns, RandomData.Uniform(_seed++, rows * columns));
            _owned.Add(stored);
            return stored.Matrix;
        }
    }
}
