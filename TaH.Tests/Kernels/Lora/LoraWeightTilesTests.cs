using ILGPU.Runtime;

namespace TaH.Tests;

/// <summary>Deep rows of a batch: products with low-rank updates in one are what the composed operations compute one by one.</summary>
[Collection(DeviceCollection.Name)]
public class LoraWeightTilesTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    // Two updates of rank 8 in a chunk; sixteen tokens, of which seven are dropped.
    private static readonly ModelShape Small = Shape(hidden: 40, ffn: 9, heads: 3, kvHeads: 1, headDim: 8, rank: 8);

    // Clusters, tails of columns, tiles of one term, two tiles of tokens.
    private static readonly ModelShape Large = Shape(hidden: 1032, ffn: 1544, heads: 16, kvHeads: 8, headDim: 64, rank: 32);

    [Theory, InlineData(WarpDevice.Simulated, 9, 7), InlineData(WarpDevice.Card, 9, 7), InlineData(WarpDevice.Card, 64, 0)]
    [InlineData(WarpDevice.Card, 33, 32), InlineData(WarpDevice.Card, 128, 100), InlineData(WarpDevice.Card, 200, 31)]
    public void Equal_the_composed_operations(WarpDevice where, int count, int deepFrom)
    {
        var device = warps.OpenOrSkip(where, devices);
        if (where == WarpDevice.Card && !WeightTilesChoice.Serves(device)) Assert.Skip("this card has no tensor cores for bfloat16");
        var shape = where == WarpDevice.Card ? Large : Small;
        using var composed = new ComposedOperations(device, shape, maxRows: count, maxSampled: 1, portableProducts: true);
        using var layer = new RandomLayer(device, shape);
        using var rows = new RowTable(device, count, shape.Depths);
        Row[] table = [.. Enumerable.Range(0, count).Select(i => new Row(0, i, i < deepFrom ? 0 : 1, 0, i, i, WantsLogits: false))];
        rows.Upload(table, new int[count * shape.Depths]);
        using var x = device.Copy(RandomData.Uniform(seed: 1, count * Math.Max(shape.Hidden, shape.Ffn)));
        using var tokens = new TokenPacker(device);
        var tiles = new LoraWeightTiles(device, tokens);
        var norm = new RmsNormShape(count, shape.Hidden, shape.Epsilon);
        var weights = layer.Weights;
        Assert.True(LoraWeightTiles.Takes(count, weights.Query, weights.Key, weights.Value));
        Assert.True(LoraWeightTiles.Takes(count, weights.Gate, weights.Up));
        // One bfloat16 is off by 2^-9 of an element, two by 2^-18; what is added up goes through it twice, and silu makes it no more than 1.1 times
        // as much.
        var bound = 4 * (count > 64 ? Math.Pow(2, -9) : Math.Pow(2, -17));
        int query = shape.Heads * shape.HeadDim, key = shape.KvHeads * shape.HeadDim;
        Compare(
            device, bound, [shape.Ffn], count, x,
            y => Into(device, count, shape.Ffn, y[0], activated => composed.NormGateUp(x.View, weights, rows, activated)),
            y => tiles.NormGateUp(x.View, weights, y[0], norm, deepFrom));
        using var down = new Activations(device, count, shape.Ffn, ElementType.Bf16);
        if (where == WarpDevice.Simulated) return; // has taken long enough
        Compare(
            device, bound, [query, key, key], count, x,
            y => composed.NormProjectQkv(x.View, weights, rows, new QkvBuffers(y[0], y[1], y[2])),
            y => tiles.NormProjectQkv(x.View, weights, new QkvBuffers(y[0], y[1], y[2]), norm, deepFrom));
        Compare(
            device, bound, [shape.Hidden], count, x,
            y => composed.ProjectAdd(Filled(down, x), weights.Down, rows, y[0]),
            y => tiles.ProjectAdd(x.View, weights.Down, y[0], count, deepFrom));
    }

    private static ModelShape Shape(int hidden, int ffn, int heads, int kvHeads, int headDim, int rank) =>
        new(Layers: 1, hidden, ffn, heads, kvHeads, headDim, Vocab: 30, Depths: 2, rank, Epsilon: 1e-6f, RopeTheta: 1e6);

    private static Activations Filled(Activations activations, FloatBuffer values)
    {
        values.View.BaseView.SubView(0, activations.Rows * activations.Width).CopyTo(activations.FillSingles());
        return activations;
    }

    private static void Into(ComputeDevice device, int rows, int width, Floats target, Action<Activations> fill)
    {
        using var activations = new Activations(device, rows, width, ElementType.F32);
        fill(activations);
        activations.Singles.SubView(0, rows * width).CopyTo(target);
        device.Synchronize();
    }

    private static void Compare(
        ComputeDevice device, double bound, int[] widths, int rows, FloatBuffer start, Action<Floats[]> composed, Action<Floats[]> tiles)
    {
        float[][] Run(Action<Floats[]> run)
        {
            Poisoned[] outputs = [.. widths.Select(width => new Poisoned(device, rows * width))];
            // What is added to must be numbers; what is replaced may not shine through.
            if (widths.Length == 1) start.View.BaseView.SubView(0, rows * widths[0]).CopyTo(outputs[0].View);
            run([.. outputs.Select(output => output.View)]);
            device.Synchronize();
            float[][] values = [.. outputs.Select(output => output.Read())];
            foreach (var output in outputs) output.Dispose();
            return values;
        }

        float[][] expected = Run(composed), actual = Run(tiles);
        for (var i = 0; i < expected.Length; i++) Near.RelativeL2(expected[i], actual[i], bound, $"output {i} of {string.Join(", ", widths)}");
    }
}
