namespace TaH.Engine;

/// <summary>The names and sizes of everything that training holds, as the official layout names them.</summary>
internal static class TrainingTensors
{
    /// <summary>The plain model.</summary>
    public static IEnumerable<ParameterSpec> OfBackbone(Qwen3Config config) =>
        Qwen3Tensors.Of(config).Select(tensor => new ParameterSpec(tensor.Name, [.. tensor.Shape.Select(size => checked((int)size))]));

    /// <summary>The low-rank updates.</summary>
    public static IEnumerable<ParameterSpec> OfLora(Qwen3Config config, LoraConfig lora)
    {
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            foreach (var (block, name) in Qwen3Tensors.Projections)
            {
                var module = $"{Qwen3Tensors.Layer(layer)}.{block}.{name}";
                if (!lora.Adapts(module)) continue;
                var (outputs, inputs) = Qwen3Tensors.ProjectionShape(config, name);
                yield return new ParameterSpec(LoraAdapter.Key(module, "A"), [lora.Rank, (int)inputs]);
                yield return new ParameterSpec(LoraAdapter.Key(module, "B"), [(int)outputs, lora.Rank]);
            }
        }
    }

    /// <summary>The decider.</summary>
    public static IEnumerable<ParameterSpec> OfDecider(DeciderConfig config) =>
        DeciderTensors.Of(config).Select(tensor => new ParameterSpec(tensor.Name, [.. tensor.Shape]));
}
