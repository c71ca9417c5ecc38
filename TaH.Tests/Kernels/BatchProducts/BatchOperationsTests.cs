using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>A batch's operations, handing bf16 rows on to each other, are what the composed operations compute, up to those roundings.</summary>
[Collection(DeviceCollection.Name)]
public class BatchOperationsTests(TestDevices devices)
{
    // Sums of squares of one block of columns, of a block and a piece, of more than one load; updates of a part of a slice and of a whole one.
    [Theory, InlineData(9, 9, 40, 8), InlineData(33, 33, 72, 8), InlineData(64, 64, 1024, 8), InlineData(128, 128, 328, 8)]
    [InlineData(9, 0, 40, 8), InlineData(33, 20, 1024, 32), InlineData(64, 63, 328, 64), InlineData(128, 100, 72, 16)]
    public void Equal_the_composed_operations(int count, int deepFrom, int hidden, int rank)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        if (device.Generation < CudaGeneration.Hopper) Assert.Skip($"{device.Info.Name} is no Hopper card");
        var shape = new ModelShape(
            Layers: 1, hidden, Ffn: 88, Heads: 5, KvHeads: 1, HeadDim: 16, Vocab: 30, Depths: 2, LoraRank: rank, Epsilon: 1e-6f, RopeTheta: 1e6);
        using var composed = new ComposedOperations(device, shape, count, maxSampled: 1, portableProducts: true);
        using var fused = new CudaOperations(device, shape, count, maxSampled: 1);
        using var layer = new RandomLayer(device, shape);
        using var rows = new RowTable(device, count, shape.Depths);
        Row[] table = [.. Enumerable.Range(0, count).Select(i => new Row(0, i, i < deepFrom ? 0 : 1, 0, i, i, WantsLogits: false))];
        rows.Upload(table, new int[count * shape.Depths]);
        Assert.True(BatchOperations.Takes(rows, layer.Weights.Gate, layer.Weights.Up, layer.Weights.Down));
        float[][] expected = Run(composed, device, layer.Weights, rows, shape), actual = Run(fused, device, layer.Weights, rows, shape);
        // Each element that a product reads is off by up to 2^-9 of itself, as random as the values, and goes through four products.
        for (var i = 0; i < expected.Length; i++) Near.RelativeL2(expected[i], actual[i], 6 * Math.Pow(2, -9), $"output {i}");
    }

    private static float[][] Run(IOperations operations, ComputeDevice device, LayerWeights layer, RowTable rows, ModelShape shape)
    {
        using var x = device.Copy(RandomData.Uniform(seed: 1, rows.Count * shape.Hidden));
        int[] widths = [shape.Heads * shape.HeadDim, shape.KvHeads * shape.HeadDim, shape.KvHeads * shape.HeadDim];
        Poisoned[] outputs = [.. widths.Concat(widths).Select(width => new Poisoned(device, rows.Count * width))];
        QkvBuffers Qkv(int first) => new(outputs[first].View, outputs[first + 1].View, outputs[first + 2].View);
        using Activations mixed = new(device, rows.Count, widths[0], ElementType.Bf16);
        using Activations activated = new(device, rows.Count, shape.Ffn, ElementType.Bf16);
        using var weights = device.Store(ElementType.F32, shape.Hidden, widths[0], RandomData.Uniform(seed: 3, shape.Hidden * widths[0]));
        var foreign = new Projection(weights.Matrix, Lora: null);
        Assert.False(BatchOperations.Takes(rows, foreign));
        operations.NormProjectQkv(x.View, layer, rows, Qkv(0));
        outputs[0].View.SubView(0, rows.Count * widths[0]).CopyTo(mixed.FillSingles());
        operations.ProjectAdd(mixed, layer.Output, rows, x.View, layer.FfnNorm);
        operations.NormGateUp(x.View, layer, rows, activated);
        operations.ProjectAdd(activated, layer.Down, rows, x.View, layer.AttentionNorm);
        operations.NormProjectQkv(x.View, layer, rows, Qkv(3));
        // A stream of the size of what is added to it. Weights of f32 are none of the batch's: what it has left of the stream may not be used then.
        x.View.BaseView.CopyFromCPU(RandomData.Uniform(seed: 2, rows.Count * shape.Hidden));
        operations.ProjectAdd(mixed, layer.Output, rows, x.View, layer.FfnNorm);
        operations.ProjectAdd(mixed, foreign, rows, x.View);
        operations.NormGateUp(x.View, layer, rows, activated);
        operations.ProjectAdd(activated, layer.Down, rows, x.View);
        device.Synchronize();
        float[][] values = [.. outputs.Select(output => output.Read()), x.GetAsArray1D()];
        foreach (var output in outputs) output.Dispose();
        return values;
    }
}
