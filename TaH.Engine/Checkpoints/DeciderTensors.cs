using System.Collections.Immutable;

namespace TaH.Engine;

/// <summary>The names and shapes of a learned decider's parameters.</summary>
/// <remarks>Source: MLPIterDecider, _ClassifierBackbone and _ClassifierBlock of github.com/thu-nics/TaH at 1e07bc3.</remarks>
internal static class DeciderTensors
{
    /// <summary>The norm that only <see cref="DeciderConfig.NormalizeInput"/> has.</summary>
    public const string HiddenNorm = "layer_norm_hidden_states";

    /// <summary>Every parameter of a network of these settings; lazy, like <see cref="Qwen3Tensors.Of"/>.</summary>
    public static IEnumerable<(string Name, ImmutableArray<int> Shape)> Of(DeciderConfig config)
    {
        var hiddenPart = config.HiddenSize * Math.Max(1, config.HiddenLayers.Length);
        var (first, last) = (config.HiddenDims[0], config.HiddenDims[^1]);
        IEnumerable<(string, ImmutableArray<int>)> all =
        [
            .. config.NormalizeInput ? Norm(HiddenNorm, hiddenPart) : [],
            .. Linear("logits_projection", config.TopK, config.HiddenSize),
            .. Linear("combined_projection", hiddenPart + config.HiddenSize, first),
            .. Linear("backbone.input_projection", first, first),
        ];
        return all.Concat(Blocks(config)).Concat(Norm("backbone.output_layer.0", last)).Concat(Linear("backbone.output_layer.1", last, 1));
    }

    private static IEnumerable<(string, ImmutableArray<int>)> Blocks(DeciderConfig config)
    {
        for (var i = 0; i < config.HiddenDims.Length; i++)
        {
            var (inputs, outputs) = (config.HiddenDims[i], config.HiddenDims[Math.Min(i + 1, config.HiddenDims.Length - 1)]);
            var (prefix, inner) = ($"backbone.blocks.{i}", inputs * config.ExpansionFactor);
            var change = inputs == outputs ? [] : Linear($"{prefix}.dim_change", inputs, outputs);
            foreach (var tensor in Norm($"{prefix}.layer_norm", inputs)
                .Concat(Linear($"{prefix}.mlp.0", inputs, inner)).Concat(Linear($"{prefix}.mlp.3", inner, outputs)).Concat(change))
            {
                yield return tensor;
            }
        }
    }

    private static (string, ImmutableArray<int>)[] Linear(string name, int inputs, int outputs) =>
        [($"{name}.weight", [outputs, inputs]), ($"{name}.bias", [outputs])];

    private static (string, ImmutableArray<int>)[] Norm(string name, int width) => [($"{name}.weight", [width]), ($"{name}.bias", [width])];
}
