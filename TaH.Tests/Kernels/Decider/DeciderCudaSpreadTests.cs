namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DeciderCudaSpreadTests(TestDevices devices, WarpDevices warps) : IClassFixture<WarpDevices>
{
    private const int Taps = 3;
    private const int KeptTopK = 130;
    private const int Rows = 4;
    private const int Slots = 5;

    private static readonly int[] RowOf = [2];
    private static readonly int[] SlotOf = [4, 2, 0, 3];

    // The release's sizes, the tiny model's, a width past the first octet of a thread and features that leave the last group some without; hidden 4:
    // fewer quads than threads; 1,400: more than a thread has on its way at a time.
    [Theory]
    [InlineData(WarpDevice.Card, 2048, 512, 2048, 100), InlineData(WarpDevice.Card, 1024, 256, 1024, 100)]
    [InlineData(WarpDevice.Card, 256, 128, 512, 100), InlineData(WarpDevice.Card, 1400, 264, 1000, 130)]
    [InlineData(WarpDevice.Card, 4, 8, 24, 1), InlineData(WarpDevice.Simulated, 4, 8, 24, 3), InlineData(WarpDevice.Simulated, 1400, 8, 32, 130)]
    public void Equals_the_double_reference_again_and_again(WarpDevice where, int hidden, int width, int expanded, int topK)
    {
        var device = warps.OpenOrSkip(where, devices);
        using var weights = new GoldenDeciderWeights(device, name => Random(name, hidden, width, expanded, topK));
        var model = weights.Model(topK, normalizeInput: false);
        using IntBuffer rowOf = device.Copy(RowOf), slotOf = device.Copy(SlotOf);
        DeciderCudaSpread? decider = null;
        // Every launch has other input: what an earlier one left cannot pass.
        for (var launch = 0; launch < (where == WarpDevice.Card ? 8 : 2); launch++)
        {
            float[][] states = [.. Enumerable.Range(0, Taps).Select(tap => RandomData.Uniform(seed: (10 * launch) + tap, Rows * hidden))];
            var values = RandomData.Uniform(seed: launch, Slots * KeptTopK, scale: 6);
            var top = values.Chunk(KeptTopK).SelectMany(slot => slot.OrderDescending()).ToArray();
            FloatBuffer[] buffers = [.. states.Select(state => device.Copy(state))];
            Floats[] views = [.. buffers.Select(buffer => (Floats)buffer.View)];
            using var topValues = device.Copy(top);
            using var decisions = new Poisoned(device, 1);
            decider ??= DeciderCudaSpread.Create(device, model, Taps * hidden, views);
            Assert.NotNull(decider);
            decider.Run(views, rowOf.View, slotOf.View, topValues.View, KeptTopK, decisions.View);
            device.Synchronize();
            var expected = RowOf[..1].Select(row => DeciderReference.Run(
                weights, [.. states.SelectMany(state => state.AsSpan(row * hidden, hidden).ToArray()).Select(value => (double)value)],
                [.. top.AsSpan(SlotOf[row] * KeptTopK, topK).ToArray().Select(value => (double)value)], normalizeInput: false)).ToArray();
            // As in DeciderMlpTests, with longer sums: their roundings grow like the root of the length.
            var roundings = 40 * Math.Max(1, Math.Sqrt(Taps * hidden / 40.0));
            Near.Absolute(expected, decisions.Read(), 12 * roundings * Math.Pow(2, -24) * Math.Max(1, expected.Max(Math.Abs)));
            foreach (var buffer in buffers) buffer.Dispose();
        }
        decider?.Dispose();
    }

    // More groups than two simulated multiprocessors run at a time; a width that no octets make up; a norm of the input.
    [Theory, InlineData(16, 24, false), InlineData(12, 24, false), InlineData(8, 24, true)]
    public void Leaves_other_deciders_alone(int width, int expanded, bool normalizes)
    {
        using var weights = new GoldenDeciderWeights(warps.Simulated, name => Random(name, hidden: 8, width, expanded, topK: 5));
        using var state = warps.Simulated.AllocateFloats(64);
        Assert.Null(DeciderCudaSpread.Create(warps.Simulated, weights.Model(5, normalizes), Taps * 8, [state.View, state.View, state.View]));
    }

    /// <summary>Random weights of two blocks; those of the blocks are bf16.</summary>
    private static (float[] Values, int[] Shape)? Random(string name, int hidden, int width, int expanded, int topK)
    {
        int[]? shape = name[..name.LastIndexOf('.')] switch
        {
            "logits_projection" => [11, topK],
            "layer_norm_hidden_states" => [Taps * hidden],
            "combined_projection" => [width + 1, (Taps * hidden) + 11],
            "backbone.input_projection" => [width, width + 1],
            "backbone.blocks.0.layer_norm" or "backbone.blocks.1.layer_norm" or "backbone.output_layer.0" => [width],
            "backbone.blocks.0.mlp.0" or "backbone.blocks.1.mlp.0" => [expanded, width],
            "backbone.blocks.0.mlp.3" or "backbone.blocks.1.mlp.3" => [width, expanded],
            "backbone.output_layer.1" => [1, width],
            _ => null,
        };
        if (shape is null) return null;
        if (name.EndsWith("bias", StringComparison.Ordinal)) shape = [shape[0]];
        var scale = shape.Length == 2 ? 1 / MathF.Sqrt(shape[1]) : 1;
        var values = RandomData.Uniform(seed: name.Sum(letter => letter) + name.Length, shape.Aggregate(1, (a, b) => a * b), scale);
        return ([.. values.Select(BFloat16.Round)], shape);
    }
}
