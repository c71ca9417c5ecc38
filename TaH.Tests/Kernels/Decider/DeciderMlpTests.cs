using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class DeciderMlpTests(TestDevices devices)
{
    private const int Hidden = 7;
    private const int Taps = 3;
    private const int TopK = 5;
    private const int KeptTopK = 9;
    private const int Rows = 6;
    private const int Slots = 8;

    // Head rows: out of order, one of them twice, more than one block of rows; slots: not those of the same number.
    private static readonly int[] RowOf = [5, 0, 3, 3, 1];
    private static readonly int[] SlotOf = [7, 2, 0, 6, 1, 4];

    public static TheoryData<DeciderVariant, DeviceKind, bool> Cases()
    {
        var cases = new TheoryData<DeciderVariant, DeviceKind, bool>();
        foreach (var (variant, kind) in KernelCases.Of<DeciderVariant>())
        foreach (var normalizeInput in (bool[])[false, true])
            cases.Add(variant, kind, normalizeInput);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_double_reference(DeciderVariant variant, DeviceKind kind, bool normalizeInput)
    {
        var device = devices.OpenOrSkip(kind);
        using var weights = new GoldenDeciderWeights(device, Random);
        float[][] hidden = [.. Enumerable.Range(0, Taps).Select(tap => RandomData.Uniform(seed: 50 + tap, Rows * Hidden))];
        var top = RandomData.Uniform(seed: 60, Slots * KeptTopK, scale: 6).Chunk(KeptTopK).SelectMany(slot => slot.OrderDescending()).ToArray();
        FloatBuffer[] states = [.. hidden.Select(values => device.Copy(values))];
        using IntBuffer rowOf = device.Copy(RowOf), slotOf = device.Copy(SlotOf);
        using var topValues = device.Copy(top);
        using var decisions = new Poisoned(device, RowOf.Length);
        using var decider = new DeciderMlp(device, weights.Model(TopK, normalizeInput), maxRows: RowOf.Length, variant);
        decider.Run([.. states.Select(state => (Floats)state.View)], rowOf.View, slotOf.View, topValues.View, KeptTopK, RowOf.Length, decisions.View);
        device.Synchronize();
        var expected = RowOf.Select(row => DeciderReference.Run(
            weights, [.. hidden.SelectMany(values => values.AsSpan(row * Hidden, Hidden).ToArray()).Select(value => (double)value)],
            [.. top.AsSpan(SlotOf[row] * KeptTopK, TopK).ToArray().Select(value => (double)value)], normalizeInput)).ToArray();
        // Twelve layers in a row, each with fewer than 40 roundings at the size of its values; the last norm brings those to one.
        Near.Absolute(expected, decisions.Read(), 12 * 40 * Math.Pow(2, -24) * Math.Max(1, expected.Max(Math.Abs)));
        foreach (var state in states) state.Dispose();
    }

    [Fact]
    public void Refuses_what_it_has_no_room_for()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var weights = new GoldenDeciderWeights(device, Random);
        using var decider = new DeciderMlp(device, weights.Model(TopK, normalizeInput: false), maxRows: 2, DeciderVariant.Simd);
        using FloatBuffer state = device.AllocateFloats(64), decisions = device.AllocateFloats(3);
        using var map = device.Copy([0, 0, 0]);
        Floats[] hidden = [state.View, state.View, state.View];
        Refuses("decider buffers has 2", () => decider.Run(hidden, map.View, map.View, state.View, KeptTopK, 3, decisions.View));
        Refuses("keptTopK has 4", () => decider.Run(hidden, map.View, map.View, state.View, 4, 2, decisions.View));
        Refuses("decisions has 1", () => decider.Run(hidden, map.View, map.View, state.View, KeptTopK, 2, decisions.View.SubView(0, 1)));
        Refuses("decider features", () => decider.Run(hidden[..2], map.View, map.View, state.View, KeptTopK, 2, decisions.View));
    }

    [Fact]
    public void Operations_use_the_decider_that_they_are_given()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var weights = new GoldenDeciderWeights(device, Random);
        var shape = new ModelShape(
            Layers: 1, Hidden, Ffn: 8, Heads: 1, KvHeads: 1, HeadDim: 4, Vocab: 11, Depths: 2, LoraRank: 0, Epsilon: 1e-6f, RopeTheta: 1e6);
        using var operations = new ComposedOperations(device, shape, maxRows: 1, maxSampled: 1);
        using var state = device.Copy(RandomData.Uniform(seed: 70, Hidden, scale: 3));
        using var logits = new LogitsState(device, slots: 1, vocab: 11, TopK);
        logits.TopValues.CopyFromCPU([5f, 4f, 3f, 1f, 0f]);
        using var rows = new RowTable(device, capacity: 1, depths: 2);
        rows.Upload([new Row(0, 0, 0, 0, 0, 0, WantsLogits: true)], [1, 0]);
        DeciderModel plain = weights.Model(TopK, normalizeInput: false), normed = weights.Model(TopK, normalizeInput: true);
        float first = Decide(plain), second = Decide(normed), again = Decide(plain);
        Assert.NotEqual(first, second);
        Assert.Equal(first, again);

        float Decide(DeciderModel decider)
        {
            using var decision = new Poisoned(device, 1);
            operations.Decide(decider, [state.View, state.View, state.View], rows, logits, decision.View);
            return decision.Read()[0];
        }
    }

    private static void Refuses(string start, Action run) =>
        Assert.StartsWith(start, Assert.Throws<ShapeException>(run).Message, StringComparison.Ordinal);

    /// <summary>Random weights: widths 6, 6 (identity), 10 (dim_change), all unlike each other where they may be.</summary>
    private static (float[] Values, int[] Shape)? Random(string name)
    {
        int[]? shape = name[..name.LastIndexOf('.')] switch
        {
            "layer_norm_hidden_states" => [Taps * Hidden],
            "logits_projection" => [11, TopK],
            "combined_projection" => [8, (Taps * Hidden) + 11],
            "backbone.input_projection" => [6, 8],
            "backbone.blocks.0.layer_norm" or "backbone.blocks.1.layer_norm" => [6],
            "backbone.blocks.0.mlp.0" or "backbone.blocks.1.mlp.0" => [13, 6],
            "backbone.blocks.0.mlp.3" => [6, 13],
            "backbone.blocks.1.dim_change" => [10, 6],
            "backbone.blocks.1.mlp.3" => [10, 13],
            "backbone.output_layer.0" => [10],
            "backbone.output_layer.1" => [1, 10],
            _ => null,
        };
        if (shape is null) return null;
        if (name.EndsWith("bias", StringComparison.Ordinal)) shape = [shape[0]];
        return (RandomData.Uniform(seed: name.Sum(letter => letter) + name.Length, shape.Aggregate(1, (a, b) => a * b)), shape);
    }
}
