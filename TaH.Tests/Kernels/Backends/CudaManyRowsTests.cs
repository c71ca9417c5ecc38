using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>What tensor cores make of many rows is what the composed operations compute, up to activations in bf16.</summary>
[Collection(DeviceCollection.Name)]
public class CudaManyRowsTests(TestDevices devices)
{
    private const int MaxRows = 160;

    // Rank 8 goes to tensor cores, too; rank 2 is widened again.
    [Theory, InlineData(MatMulVariant.CudaWgmma, 150, 0, 8), InlineData(MatMulVariant.CudaWgmma, 9, 140, 8)]
    [InlineData(MatMulVariant.CudaWgmma, 0, 17, 8), InlineData(MatMulVariant.CudaWgmma, 20, 30, 2)]
    [InlineData(MatMulVariant.CudaMma, 150, 0, 8), InlineData(MatMulVariant.CudaMma, 20, 30, 8)]
    public void Equal_the_composed_operations(MatMulVariant variant, int shallow, int deep, int rank)
    {
        var device = devices.OpenOrSkip(DeviceKind.Cuda);
        var needed = variant == MatMulVariant.CudaWgmma ? CudaGeneration.Hopper : CudaGeneration.Ampere;
        if (device.Generation < needed) Assert.Skip($"{device.Info.Name} is older than {needed}");
        var shape = new ModelShape(
            Layers: 1, Hidden: 72, Ffn: 88, Heads: 5, KvHeads: 1, HeadDim: 16, Vocab: 30, Depths: 2, LoraRank: rank, Epsilon: 1e-6f, RopeTheta: 1e6);
        using var composed = new ComposedOperations(device, shape, MaxRows, maxSampled: 1);
        using var many = new CudaManyRows(device, variant, shape, MaxRows);
        using var layer = new RandomLayer(device, shape);
        using var rows = new RowTable(device, MaxRows, shape.Depths);
        Row[] table = [.. Enumerable.Range(0, shallow + deep).Select(i => new Row(0, i, i < shallow ? 0 : 1, 0, i, i, WantsLogits: false))];
        rows.Upload(table, new int[table.Length * shape.Depths]);
        var expected = Run(
            device, shape, rows, (x, qkv) => composed.NormProjectQkv(x, layer.Weights, rows, qkv),
            (x, h) => composed.NormGateUp(x, layer.Weights, rows, h), (h, x) => composed.ProjectAdd(h, layer.Weights.Down, rows, x));
        var actual = Run(
            device, shape, rows, (x, qkv) => many.NormProjectQkv(x, layer.Weights, rows, qkv),
            (x, h) => many.NormGateUp(x, layer.Weights, rows, h), (h, x) => many.ProjectAdd(h, layer.Weights.Down, rows, x));
        // Each element that a product reads is off by up to 2^-9 of itself, and LoRA's inner result and the activation once more; as random as the
        // values.
        for (var i = 0; i < expected.Length; i++) Near.RelativeL2(expected[i], actual[i], 3 * Math.Pow(2, -9), $"output {i}");
    }

    private static float[][] Run(
        ComputeDevice device, ModelShape shape, RowTable rows, Action<Floats, QkvBuffers> normProjectQkv, Action<Floats, Activations> normGateUp,
        Action<Activations, Floats> projectAdd)
    {
        using var x = device.Copy(RandomData.Uniform(seed: 1, rows.Count * shape.Hidden));
        int[] widths = [shape.Heads * shape.HeadDim, shape.KvHeads * shape.HeadDim, shape.KvHeads * shape.HeadDim];
        Poisoned[] outputs = [.. widths.Select(width => new Poisoned(device, rows.Count * width))];
        normProjectQkv(x.View, new QkvBuffers(outputs[0].View, outputs[1].View, outputs[2].View));
        // The last projection reads what was activated, as bf16 or f32; then the same once more from f32.
        using Activations activated = new(device, rows.Count, shape.Ffn, ElementType.Bf16),
            singles = new(device, rows.Count, shape.Ffn, ElementType.Bf16);
        normGateUp(x.View, activated);
        projectAdd(activated, x.View);
        singles.FillSingles().CopyFromCPU(RandomData.Uniform(seed: 2, rows.Count * shape.Ffn));
        projectAdd(singles, x.View);
        device.Synchronize();
        float[][] values = [.. outputs.Select(output => output.Read()), x.GetAsArray1D()];
        foreach (var output in outputs) output.Dispose();
        return values;
    }
}
