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

    // Shallow rows, with deep rows behind them, a deep row alone; more than eight rows are another product.
    [Theory, InlineData(WarpDevice.Card, 3, 0), InlineData(WarpDevice.Card, 8, 0), InlineData(WarpDevice.Card, 2, 2)]
    [InlineData(WarpDevice.Card, 12, 0), InlineData(WarpDevice.Card, 0, 1), InlineData(WarpDevice.Simulated, 0, 1)]
    [InlineData(WarpDevice.Simulated, 3, 0), InlineData(WarpDevice.Simulated, 2, 2), InlineData(WarpDevice.Simulated, 12, 0)]
    public void Equal_the_composed_operations(WarpDevice where, int shallow, int deep) => Verify(warps.OpenOrSkip(where, devices), shallow, deep);

    [Theory, InlineData(CudaGeneration.Turing, 3, 0), InlineData(CudaGeneration.Turing, 2, 2), InlineData(CudaGeneration.Turing, 12, 0)]
    [InlineData(CudaGeneration.Ampere, 3, 0), InlineData(CudaGeneration.Ampere, 2, 2), InlineData(CudaGeneration.Ampere, 12, 0)]
    public void Those_of_an_older_generation_equal_the_composed_ones(CudaGeneration generation, int shallow, int deep) =>
        Verify(devices.OpenOrSkip(generation), shallow, deep);

    private static void Verify(ComputeDevice device, int shallow, int deep)
    {
        using var composed = new ComposedOperations(device, Shape, MaxRows, maxSampled: 1);
        using var fused = new CudaOperations(device, Shape, MaxRows, maxSampled: 1);
        using var layer = new RandomLayer(device, Shape);
        using var rows = new RowTable(device, MaxRows, Shape.Depths);
        Row[] table = [.. Enumerable.Range(0, shallow + deep).Select(i => new Row(0, i, i < shallow ? 0 : 1, 0, i, i, WantsLogits: false))];
        rows.Upload(table, new int[table.Length * Shape.Depths]);
        using var x = device.Copy(RandomData.Uniform(seed: 1, table.Length * Shape.Hidden));
        var expected = Run(composed, device, x, layer.Weights, rows);
        var actual = Run(fused, device, x, layer.Weights, rows);
        // Every element is a sum of 24 terms of either sign, of which each way rounds about 24 + 24 / 2 times, and with deep rows of 2 * 2 sums of 24
        // more, up to four times as large. Packed rows are rounded at sixteen bits.
        var bound = (rows.DeepCount > 0 ? 5 : 1) * 36 * Math.Pow(2, -24) * 10;
        if (rows.Count > 8 && device.Kind == DeviceKind.Cuda) bound += 10 * Math.Pow(2, -17);
        for (var i = 0; i < expected.Length; i++) Near.RelativeL2(expected[i], actual[i], bound, $"output {i}");
    }

    private static float[][] Run(IOperations operations, ComputeDevice device, FloatBuffer x, LayerWeights layer, RowTable rows)
    {
        int[] widths = [Shape.Heads * Shape.HeadDim, Shape.KvHeads * Shape.HeadDim, Shape.KvHeads * Shape.HeadDim, Shape.Hidden, Shape.Hidden];
        Poisoned[] outputs = [.. widths.Select(width => new Poisoned(device, rows.Count * width))];
        operations.NormProjectQkv(x.View, layer, rows, new QkvBuffers(outputs[0].View, outputs[1].View, outputs[2].View));
        using var activated = new Activations(device, rows.Count, Shape.Ffn, ElementType.Bf16);
        activated.FillSingles().CopyFromCPU(Enumerable.Repeat(float.NaN, rows.Count * Shape.Ffn).ToArray());
        operations.NormGateUp(x.View, layer, rows, activated);
        using var mixed = new Activations(device, rows.Count, Shape.Heads * Shape.HeadDim, ElementType.Bf16);
        x.View.BaseView.SubView(0, rows.Count * mixed.Width).CopyTo(mixed.FillSingles());
        foreach (var added in outputs[3..]) x.View.BaseView.SubView(0, rows.Count * Shape.Hidden).CopyTo(added.View);
        operations.ProjectAdd(mixed, layer.Output, rows, outputs[3].View);
        operations.ProjectAdd(activated, layer.Down, rows, outputs[4].View);
        device.Synchronize();
        var last = new float[rows.Count * Shape.Ffn];
        device.Download(activated.Singles, last);
        float[][] values = [.. outputs.Select(output => output.Read()), last];
        foreach (var output in outputs) output.Dispose();
        return values;
    }
}
