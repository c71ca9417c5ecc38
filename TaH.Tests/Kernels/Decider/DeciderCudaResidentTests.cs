namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DeciderCudaResidentTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int Taps = 3;
    private const int TopK = 5;
    private const int KeptTopK = 9;
    private const int Rows = 13;
    private const int Slots = 15;

    private static readonly int[] RowOf = [5, 0, 3, 1, 2, 12, 4, 6, 7, 11, 8];
    private static readonly int[] SlotOf = [7, 2, 0, 6, 1, 4, 8, 14, 3, 9, 5, 13, 11];

    // Head rows: each count that is compiled for, one between, and more than are taken together. Hidden 1,600: the input does not fit in shared
    // memory at once. Expanded 136: more pairs than simulated warps; 2,048 and 512 on the card: the release's sizes. With an odd number of rows bf16
    // holds the weights.
    [Theory]
    [InlineData(WarpDevice.Card, 1, 2048, 512, 2048), InlineData(WarpDevice.Card, 2, 64, 256, 1024), InlineData(WarpDevice.Card, 3, 2560, 512, 2048)]
    [InlineData(WarpDevice.Card, 4, 1024, 256, 1024), InlineData(WarpDevice.Card, 11, 1024, 256, 1024)]
    [InlineData(WarpDevice.Card, 9, 512, 512, 2048), InlineData(WarpDevice.Simulated, 6, 8, 16, 16)]
    [InlineData(WarpDevice.Simulated, 5, 8, 16, 24)]
    [InlineData(WarpDevice.Simulated, 1, 8, 24, 136), InlineData(WarpDevice.Simulated, 2, 24, 8, 40), InlineData(WarpDevice.Simulated, 3, 1600, 8, 16)]
    public void Equals_the_double_reference_again_and_again(WarpDevice where, int rows, int hidden, int width, int expanded)
    {
        var device = warps.OpenOrSkip(where, devices);
        using var weights = new GoldenDeciderWeights(device, name => Random(name, hidden, width, expanded, halves: rows % 2 == 1));
        var model = weights.Model(TopK, normalizeInput: false);
        using var decider = new DeciderCudaResident(device, model, Taps * hidden, Rows);
        using IntBuffer rowOf = device.Copy(RowOf), slotOf = device.Copy(SlotOf);
        // Every launch has other input: what an earlier one left cannot pass.
        for (var launch = 0; launch < (where == WarpDevice.Card ? 50 : 2); launch++)
        {
            float[][] states = [.. Enumerable.Range(0, Taps).Select(tap => RandomData.Uniform(seed: (10 * launch) + tap, Rows * hidden))];
            var values = RandomData.Uniform(seed: launch, Slots * KeptTopK, scale: 6);
            var top = values.Chunk(KeptTopK).SelectMany(slot => slot.OrderDescending()).ToArray();
            FloatBuffer[] buffers = [.. states.Select(state => device.Copy(state))];
            Floats[] views = [.. buffers.Select(buffer => (Floats)buffer.View)];
            using var topValues = device.Copy(top);
            using var decisions = new Poisoned(device, rows);
            Assert.True(DeciderCudaResident.Takes(model, Taps * hidden, views));
            decider.Run(views, rowOf.View, slotOf.View, topValues.View, KeptTopK, rows, decisions.View);
            device.Synchronize();
            var expected = RowOf[..rows].Select(row => DeciderReference.Run(
                weights, [.. states.SelectMany(state => state.AsSpan(row * hidden, hidden).ToArray()).Select(value => (double)value)],
                [.. top.AsSpan(SlotOf[row] * KeptTopK, TopK).ToArray().Select(value => (double)value)], normalizeInput: false)).ToArray();
            // As in DeciderMlpTests, with longer sums: their roundings grow like the root of the length.
            var roundings = 40 * Math.Max(1, Math.Sqrt(Taps * hidden / 40.0));
            Near.Absolute(expected, decisions.Read(), 12 * roundings * Math.Pow(2, -24) * Math.Max(1, expected.Max(Math.Abs)));
            foreach (var buffer in buffers) buffer.Dispose();
            if (launch > 2 && where == WarpDevice.Card) launch += 9; // the reference takes its time
        }
    }

    [Fact]
    public void Takes_deciders_of_whole_octets_only()
    {
        using var weights = new GoldenDeciderWeights(warps.Simulated, name => Random(name, hidden: 8, width: 12, expanded: 8, halves: false));
        using var state = warps.Simulated.AllocateFloats(64);
        Assert.False(DeciderCudaResident.Takes(weights.Model(TopK, normalizeInput: false), Taps * 8, [state.View, state.View, state.View]));
    }

    /// <summary>Random weights of two blocks, the second with a dim_change.</summary>
    private static (float[] Values, int[] Shape)? Random(string name, int hidden, int width, int expanded, bool halves)
    {
        int[]? shape = name[..name.LastIndexOf('.')] switch
        {
            "logits_projection" => [11, TopK],
            "combined_projection" => [width + 1, (Taps * hidden) + 11],
            "backbone.input_projection" => [width, width + 1],
            "backbone.blocks.0.layer_norm" or "backbone.blocks.1.layer_norm" => [width],
            "backbone.blocks.0.mlp.0" or "backbone.blocks.1.mlp.0" => [expanded, width],
            "backbone.blocks.0.mlp.3" => [width, expanded],
            "backbone.blocks.1.dim_change" => [width + 8, width],
            "backbone.blocks.1.mlp.3" => [width + 8, expanded],
            "backbone.output_layer.0" => [width + 8],
            "backbone.output_layer.1" => [1, width + 8],
            _ => null,
        };
        if (shape is null) return null;
        if (name.EndsWith("bias", StringComparison.Ordinal)) shape = [shape[0]];
        var scale = shape.Length == 2 ? 1 / MathF.Sqrt(shape[1]) : 1;
        var values = RandomData.Uniform(seed: name.Sum(letter => letter) + name.Length, shape.Aggregate(1, (a, b) => a * b), scale);
        return (halves ? [.. values.Select(BFloat16.Round)] : values, shape);
    }
}
