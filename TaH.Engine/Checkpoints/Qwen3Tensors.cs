namespace TaH.Engine;

/// <summary>The names and shapes of a Qwen3 model's tensors.</summary>
/// <remarks>Source: modeling_qwen3.py of github.com/huggingface/transformers; a linear layer is [out, in].</remarks>
internal static class Qwen3Tensors
{
    public const string Embedding = "model.embed_tokens.weight";
    public const string FinalNorm = "model.norm.weight";
    public const string Head = "lm_head.weight";

    /// <summary>The seven projections of a layer, each with its block.</summary>
    public static readonly (string Block, string Name)[] Projections =
    [
        ("self_attn", "q_proj"), ("self_attn", "k_proj"), ("self_attn", "v_proj"), ("self_attn", "o_proj"),
        ("mlp", "gate_proj"), ("mlp", "up_proj"), ("mlp", "down_proj"),
    ];

    /// <summary>Every tensor the model needs. Lazy: a config that claims absurdly many layers costs nothing until they are asked for.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Of(Qwen3Config config)
    {
        yield return (Embedding, [config.VocabSize, config.HiddenSize]);
        for (var layer = 0; layer < config.LayerCount; layer++)
        {
            var prefix = Layer(layer);
            yield return ($"{prefix}.input_layernorm.weight", [config.HiddenSize]);
            yield return ($"{prefix}.self_attn.q_norm.weight", [config.HeadDim]);
            yield return ($"{prefix}.self_attn.k_norm.weight", [config.HeadDim]);
            yield return ($"{prefix}.post_attention_layernorm.weight", [config.HiddenSize]);
            foreach (var (block, name) in Projections)
            {
                var (outputs, inputs) = ProjectionShape(config, name);
                yield return ($"{prefix}.{block}.{name}.weight", [outputs, inputs]);
            }
        }

        yield return (FinalNorm, [config.HiddenSize]);
        if (!config.TieWordEmbeddings) yield return (Head, [config.VocabSize, config.HiddenSize]);
    }

    /// <summary>The path of a layer.</summary>
    public static string Layer(int layer) => $"model.layers.{layer}";

    /// <summary>Outputs and inputs of a projection.</summary>
    public static (long Outputs, long Inputs) ProjectionShape(Qwen3Config config, string name)
    {
        var (queries, keys) = ((long)config.HeadCount * config.HeadDim, (long)config.KvHeadCount * config.HeadDim);
        return name switch
        {
            "q_proj" => (queries, config.HiddenSize),
            "k_proj" or "v_proj" => (keys, config.HiddenSize),
            "o_proj" => (config.HiddenSize, queries),
            "gate_proj" or "up_proj" => (config.IntermediateSize, config.HiddenSize),
            "down_proj" => (config.HiddenSize, config.IntermediateSize),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, "is not one of the seven projections of a layer"),
        };
    }
}
