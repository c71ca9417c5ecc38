using System.Text.Json;

namespace TaH.Tests;

/// <summary>The decider on the official code's own hidden states and logits, pass by pass.</summary>
[Collection(DeviceCollection.Name)]
public class DeciderGoldenTests(TestDevices devices)
{
    public static TheoryData<string, DeciderVariant, DeviceKind> Cases()
    {
        var cases = new TheoryData<string, DeciderVariant, DeviceKind>();
        foreach (var fixture in (string[])["a_tied", "b_untied_widehead", "c_iter3_norm", "d_untied_mha_iter3"])
        foreach (var (variant, kind) in KernelCases.Of<DeciderVariant>())
            cases.Add(fixture, variant, kind);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Equals_the_official_logits(string fixture, DeciderVariant variant, DeviceKind kind)
    {
        var device = devices.OpenOrSkip(kind);
        var settings = Settings(fixture);
        var state = GoldenTensors.Open($"parity/{fixture}/decider_loaded.safetensors");
        var prefill = GoldenTensors.Open($"parity/{fixture}/prefill.safetensors");
        using var weights = new GoldenDeciderWeights(device, name => state.Names.Contains(name) ? (state[name].Floats, state[name].Shape) : null);
        using var decider = new DeciderMlp(device, weights.Model(settings.TopK, settings.NormalizeInput), maxRows: 40, variant);
        // The deepest pass is left out: there the official code does not ask the network.
        for (var depth = 0; depth < settings.MaxIterations - 1; depth++)
        {
            var actual = Run(device, decider, settings, prefill, depth);
            // The bound of the golden files for single precision.
            Near.RelativeL2(prefill[$"d{depth}.decider_logits"].Floats, actual, 1e-4, $"{fixture}, depth {depth}");
            int[] decisions = [.. actual.Select(logit => 1 / (1 + Math.Exp(-logit)) > settings.Threshold ? 1 : 0)];
            Assert.Equal(prefill[$"d{depth}.decision"].Ints, decisions);
        }
    }

    private static float[] Run(ComputeDevice device, DeciderMlp decider, DeciderSettings settings, GoldenTensors prefill, int depth)
    {
        var (states, logits) = (prefill[$"d{depth}.hidden_states"], prefill[$"d{depth}.acc_logits_valid"]);
        int rows = states.Shape[1], taps = states.Shape[2], width = states.Shape[3];
        var values = states.Floats;
        FloatBuffer[] hidden = [.. settings.Layers.Select(layer =>
            device.Copy([.. Enumerable.Range(0, rows).SelectMany(row => values.AsSpan(((row * taps) + layer) * width, width).ToArray())]))];
        var top = logits.Floats.Chunk(logits.Shape[1]).SelectMany(row => row.OrderDescending().Take(settings.TopK)).ToArray();
        using var topValues = device.Copy(top);
        using var identity = device.Copy([.. Enumerable.Range(0, rows)]);
        using var decisions = new Poisoned(device, rows);
        decider.Run(
            [.. hidden.Select(buffer => (Floats)buffer.View)], identity.View, identity.View, topValues.View, settings.TopK, rows, decisions.View);
        device.Synchronize();
        foreach (var buffer in hidden) buffer.Dispose();
        return decisions.Read();
    }

    private static DeciderSettings Settings(string fixture)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Fixtures", "parity", fixture, "checkpoint", "tah_config.json");
        using var config = JsonDocument.Parse(File.ReadAllText(path));
        var settings = config.RootElement.GetProperty("iter_decider_kwargs");
        return new DeciderSettings(
            settings.GetProperty("topk").GetInt32(), settings.GetProperty("normalize_input").GetBoolean(),
            settings.GetProperty("max_iter").GetInt32(), settings.GetProperty("threshold").GetDouble(),
            [.. settings.GetProperty("hidden_states_layer_nums").EnumerateArray().Select(layer => layer.GetInt32())]);
    }

    private sealed record DeciderSettings(int TopK, bool NormalizeInput, int MaxIterations, double Threshold, int[] Layers);
}
